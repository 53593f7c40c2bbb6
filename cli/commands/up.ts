import { connect, type FedmsgAddresses, type Logger } from "../../bus/index.js";
import { command } from "../command.js";
import type { Context } from "../context.js";
import { learnLoad } from "../demo/learn-load.js";
import { runDemo } from "../demo/run-demo.js";
import { exit } from "../exit.js";
import { hubOptions, hubPlanFrom } from "../hub/options.js";
import { RunningHub } from "../hub/running-hub.js";
import { showTail } from "../hub/show-tail.js";
import { showCount } from "../render/amounts.js";
import { StatusLine } from "../render/status-line.js";
import { createLogger } from "../render/stderr-logger.js";
import { formatFrom, styleOptions } from "../style.js";

export const up = command({
  positionals: {},
  options: {
    demo: { type: "boolean", default: false, describe: "Publish this machine's telemetry" },
    ...hubOptions,
    ...styleOptions,
  },
  examples: [["$0 up --demo", "see it work, with nothing to set up"]],
  async run(values, context) {
    const plan = hubPlanFrom(values, context);
    const terse = values.terse || !(values.pretty || context.json);
    const format = formatFrom({ ...values, terse }, context);
    const { err, errColours: colours, json, signal } = context;
    const status = new StatusLine(err, colours.dim);
    const logger: Logger = createLogger(err, { json, debug: false, colours });
    await using running = await RunningHub.open(plan, { ...logger, info: () => {} });
    await using bus = await connect(running.url);
    const { head } = await bus.source.info();
    await err.write(greeting({ url: running.url, dir: plan.dir, head }, values.demo, context));
    if (running.fedmsg !== undefined) await err.line(fedmsgLine(running.fedmsg));
    if (running.warning !== undefined) await err.line(colours.yellow(running.warning));
    const tail = showTail(bus, { context, status, format });
    const say = (line: string): Promise<void> =>
      status.around(() => (json ? Promise.resolve() : err.line(colours.cyan(line))));
    const parts = { dir: plan.dir, signal, say };
    const demo = values.demo ? [runDemo(bus, parts), learnLoad(bus, parts)] : [];
    await Promise.all([tail, ...demo]);
    await status.clear();
    await err.line("Ended. The log stays, and the next start continues it.");
    return exit.ok;
  },
});

function fedmsgLine({ publish, inbound, replay }: Required<FedmsgAddresses>): string {
  return `fedmsg programs subscribe at ${publish}, publish at ${inbound}, and ask at ${replay}`;
}

function greeting(
  place: { readonly url: string; readonly dir: string; readonly head: number },
  demo: boolean,
  { where, errColours: { bold, dim, cyan } }: Context,
): string {
  const option = where.dirGiven ? ` --dir ${place.dir}` : "";
  const first = demo
    ? [`fedbus tail 'org.fedbus.demo.host.cpu' --where 'msg.usage > 0.2'${option}`]
    : [`fedbus publish org.example.dev.hello.world.said '{"text":"hello"}'${option}`];
  const hints = [
    ...first,
    `fedbus query --since 1m --fields offset,topic${option}`,
    `fedbus topics${option}`,
  ];
  const log = place.head === 0 ? "a new log" : `a log of ${showCount(place.head)} events so far`;
  return [
    `${bold("fedbus")} listens on ${cyan(place.url)}, with ${log} in ${place.dir}`,
    dim("In a second terminal, try (`npx fedbus` where it is not installed):"),
    ...hints.map((hint) => `  ${hint}`),
    dim("Ctrl-C ends it."),
    "",
    "",
  ].join("\n");
}
