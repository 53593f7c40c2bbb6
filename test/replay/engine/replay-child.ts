import { openBus } from "../../../bus/index.js";
import { Replay } from "../../../replay/index.js";
import { ledger } from "../../consumers/runner/ledger.js";

/** Replays the ledger, and dies at its `killAt`th step, if there is one. */
const { log, dir, killAt } = JSON.parse(process.argv[2]!) as {
  readonly log: string;
  readonly dir: string;
  readonly killAt?: number;
};
let steps = 0;
await using bus = await openBus({ dir: log });
await using replay = await Replay.open({
  source: bus.source,
  consumer: ledger,
  dir,
  limits: { commitEventsMax: 20 },
  hook: () => {
    if (++steps === killAt) process.kill(process.pid, "SIGKILL");
  },
});
await replay.run();
