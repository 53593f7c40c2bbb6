import type { Bus, Logger } from "../../bus/index.js";
import {
  type DescribeSurroundings,
  describe,
  openDeadLetters,
  Supervisor,
} from "../../consumers/index.js";
import { command } from "../command.js";
import { configHelp } from "../consumers/config-help.js";
import { reachHub } from "../consumers/hub-for.js";
import {
  consumerOptions,
  environmentFrom,
  limitsFrom,
  parallelismFrom,
} from "../consumers/options.js";
import { consumersDir } from "../consumers/place.js";
import { statusTable } from "../consumers/render-status.js";
import { RunningConsumers, watchConsumers } from "../consumers/run-consumers.js";
import { readSettings, withAssignments } from "../consumers/settings.js";
import { parseStart } from "../consumers/start-at.js";
import type { Context } from "../context.js";
import { type ExitCode, exit } from "../exit.js";
import { hubOptions, hubPlanFrom } from "../hub/options.js";
import { showMany } from "../render/amounts.js";
import { escapeText } from "../render/escape.js";
import { StatusLine } from "../render/status-line.js";
import { createLogger } from "../render/stderr-logger.js";
import { given, notTogether } from "../units.js";

export const run = command({
  positionals: {
    plugins: {
      type: "string",
      array: true,
      demandOption: true,
      describe: "Files, or names of installed packages",
    },
  },
  options: {
    ...consumerOptions,
    "help-config": { type: "boolean", default: false, describe: "Print a plugin's settings" },
    ...hubOptions,
  },
  examples: [
    ["$0 run ./speeding.ts --set limit=130", "on the hub that runs here, or a new one"],
    ["$0 run ./count.ts --parallelism 4 --from live", "four processes, from now on"],
    ["$0 run ./clean.ts ./count.ts --once", "what there is by now, one plugin after the other"],
    ["$0 run @acme/alerts --help-config", "see what can be set"],
  ],
  async run(values, context) {
    const plugins = values.plugins as readonly string[];
    checkAlone(plugins, values);
    const env = environmentFrom(values.env, context);
    const from = given(values.from, (text) => parseStart("--from", text));
    const parallelism = parallelismFrom(values.parallelism);
    const limits = limitsFrom(values);
    const { err, errColours: colours, json, signal } = context;
    const status = new StatusLine(err, colours.dim);
    const logger = aroundStatus(createLogger(err, { json, debug: false, colours }), status);
    const surroundings = { env, cwd: context.cwd, logger, signal };
    if (values.helpConfig) return await printHelp(plugins, surroundings, context);
    const plan = hubPlanFrom(values, { ...context, where: { ...context.where, hubGiven: false } });
    const settings = await given(values.config, readSettings);

    await using hub = await reachHub(plan, context, { logger, isBrief: values.once });
    const dir = hub.isOwn ? context.where.dir : await consumersDir(hub.bus, context);
    if (hub.isOwn && !json) await greetHub(hub.url, context);
    const { head: before } = await hub.bus.source.info();
    await using running = new RunningConsumers();
    for (const plugin of plugins) {
      const config = await configFrom({ plugin, settings, set: values.set }, surroundings);
      const supervisor = await Supervisor.open({
        ...{ ...surroundings, dir, plugin, config, limits },
        ...{ url: hub.url, source: hub.bus.source, once: values.once },
        ...(values.name === undefined ? {} : { name: values.name }),
        ...(from === undefined ? {} : { from }),
        ...(parallelism === undefined ? {} : { parallelism }),
      });
      await running.add(supervisor);
      await greet(supervisor, { url: hub.url, once: values.once }, context);
      // One after another: each finds what those before it have published.
      if (values.once) await watchConsumers([supervisor], { status, context, once: true });
      if (context.signal.aborted) break;
    }
    const { supervisors } = running;
    if (!values.once) await watchConsumers(supervisors, { status, context, once: false });
    const code = await report(supervisors, values.once, context);
    if (!values.once || !(await hasNewLetters(supervisors, { bus: hub.bus, before }, context)))
      return code;
    return exit.problems;
  },
});

interface Given {
  readonly name: string | undefined;
  readonly config: string | undefined;
  readonly set: readonly string[];
}

/** What says something of one consumer cannot be meant for several. */
function checkAlone(plugins: readonly string[], { name, config, set }: Given): void {
  const [option] = [
    ...(name === undefined ? [] : ["--name"]),
    ...(config === undefined ? [] : ["--config"]),
    ...(set.length === 0 ? [] : ["--set"]),
  ];
  if (plugins.length > 1 && option !== undefined)
    throw notTogether(option, "several plugins", "run each by a command of its own");
}

async function configFrom(
  given: {
    readonly plugin: string;
    readonly settings: Record<string, unknown> | undefined;
    readonly set: readonly string[];
  },
  surroundings: DescribeSurroundings,
): Promise<object> {
  const { plugin, settings = {}, set } = given;
  if (set.length === 0) return settings;
  const { schema } = await describe({ plugin, from: surroundings.cwd }, surroundings);
  return withAssignments(settings, set, schema);
}

async function printHelp(
  plugins: readonly string[],
  surroundings: DescribeSurroundings,
  { json, out }: Context,
): Promise<ExitCode> {
  for (const plugin of plugins) {
    const description = await describe({ plugin, from: surroundings.cwd }, surroundings);
    await (json ? out.json(description) : out.write(configHelp(description)));
  }
  return exit.ok;
}

function aroundStatus(logger: Logger, status: StatusLine): Logger {
  const around =
    (level: keyof Logger) =>
    (fields: object, message: string): void =>
      void status.around(async () => logger[level](fields, message));
  return {
    debug: around("debug"),
    info: around("info"),
    warn: around("warn"),
    error: around("error"),
  };
}

/** No hub was asked for: a person should know that there is one now, and where its log is. */
async function greetHub(url: string, { err, where }: Context): Promise<void> {
  await err.line(`No hub was running: this starts one at ${url}, its log in ${where.dir}.`);
}

async function greet(
  { name, status }: Supervisor,
  { url, once }: { readonly url: string; readonly once: boolean },
  { err, json, errColours: { bold } }: Context,
): Promise<void> {
  if (json) return;
  const { state, topics } = status;
  const isPaused = state === "paused";
  const doing = isPaused ? "is paused" : `reads ${escapeText(topics.join(", "))}`;
  const ending = once ? "" : " Ctrl-C ends it.";
  const resuming = isPaused ? ` \`fedbus consumers resume ${name}\` lets it go on.` : "";
  await err.line(`${bold(name)} ${doing} at ${url}.${resuming}${ending}`);
}

async function report(
  supervisors: readonly Supervisor[],
  once: boolean,
  { json, out }: Context,
): Promise<ExitCode> {
  const statuses = supervisors.map(({ status }) => status);
  if (json) for (const status of statuses) await out.json(status);
  else if (once) await out.write(statusTable(statuses));
  const failed = once && statuses.some(({ state }) => state !== "ended");
  return failed ? exit.problems : exit.ok;
}

/** Whether events became dead letters from offset `before` on, which a person is told. */
async function hasNewLetters(
  supervisors: readonly Supervisor[],
  { bus, before }: { readonly bus: Bus; readonly before: number },
  { json, err }: Context,
): Promise<boolean> {
  let found = false;
  for (const { name, status } of supervisors) {
    if (status.deadLetters === 0) continue;
    let count = 0;
    for await (const { offset } of openDeadLetters(bus, name)) if (offset >= before) count++;
    if (count === 0) continue;
    found = true;
    const what = showMany(count, "new dead letter");
    if (!json) await err.line(`${name} has ${what}: see \`fedbus dlq list ${name}\`.`);
  }
  return found;
}
