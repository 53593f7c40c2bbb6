import { connect } from "../../../bus/index.js";
import { runConsumer } from "../../../consumers/index.js";
import { serve } from "../../../consumers/serve/serve.js";
import { killed } from "./killed.js";

/** Serves on a hub, and dies at its `killAt`th step, or ends when told to. */
const { url, dir, killAt, limits } = JSON.parse(process.argv[2]!) as {
  readonly url: string;
  readonly dir: string;
  /** Infinity comes as null. */
  readonly killAt: number | null;
  readonly limits: object;
};
const ending = new AbortController();
process.on("message", () => ending.abort());
await using bus = await connect(url);
let steps = 0;
await runConsumer(bus, serve(killed), {
  ...{ dir, limits, signal: ending.signal },
  hook: () => {
    if (++steps === killAt) process.kill(process.pid, "SIGKILL");
  },
  onStart: (runner) => {
    const tell = setInterval(() => process.send!(runner.progress?.committedNext ?? -1), 5);
    ending.signal.addEventListener("abort", () => clearInterval(tell));
  },
});
process.disconnect();
