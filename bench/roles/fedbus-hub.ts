import { Hub } from "../../bus/index.js";
import { LevelLog } from "../../bus/log/level/level-log.js";
import { play } from "../harness/child.js";
import { readingSchema } from "../harness/events.js";
import { monotonicUs } from "../harness/monotonic.js";

/** When this process was ready to begin. */
const loadedUs = monotonicUs();

const role = {
  /** Opens the log in `dir` and a hub over it, with the schema of the bench's events. */
  open: async ({ dir, listen }: { dir: string; listen?: string }) => {
    const log = await LevelLog.open(dir);
    const logUs = monotonicUs();
    const hub = await Hub.open(log, { listen: listen ?? "tcp://127.0.0.1:0" });
    const hubUs = monotonicUs();
    await hub.broker.registerSchema(readingSchema);
    return { url: hub.url, loadedUs, logUs, hubUs };
  },
};

export type FedbusHub = typeof role;

play(role);
