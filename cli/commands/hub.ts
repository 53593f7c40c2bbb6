import { once } from "node:events";
import { command } from "../command.js";
import { exit } from "../exit.js";
import { hubOptions, hubPlanFrom } from "../hub/options.js";
import { RunningHub } from "../hub/running-hub.js";
import { createLogger } from "../render/stderr-logger.js";

export const hub = command({
  positionals: {},
  options: {
    ...hubOptions,
    debug: { type: "boolean", default: false, describe: "Log more" },
  },
  examples: [
    ["$0 hub --dir /var/lib/fedbus --keep-age 30d", "keep a month"],
    ["$0 hub --schemas ./schemas --unknown-topics refuse", "only known topics"],
  ],
  async run(values, context) {
    const plan = hubPlanFrom(values, context);
    const { err, errColours: colours, json, signal } = context;
    const logger = createLogger(err, { json, debug: values.debug, colours });
    await using running = await RunningHub.open(plan, logger);
    logger.info({ url: running.url, dir: plan.dir, pid: process.pid }, "the hub is running");
    if (running.fedmsg !== undefined) logger.info(running.fedmsg, "fedmsg programs can join");
    if (running.warning !== undefined) logger.warn({}, running.warning);
    if (!signal.aborted) await once(signal, "abort");
    logger.info({}, "the hub is ending");
    return exit.ok;
  },
});
