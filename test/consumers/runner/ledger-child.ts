import { connect } from "../../../bus/index.js";
import { runConsumer } from "../../../consumers/index.js";
import { ledger } from "./ledger.js";
import type { LifeOptions } from "./life.js";

/** Runs the ledger on a hub, and dies at its `killAt`th step, or ends when told to. */
const { url, killAt, ...options } = JSON.parse(process.argv[2]!) as LifeOptions;
const ending = new AbortController();
process.on("message", () => ending.abort());
await using bus = await connect(url);
let steps = 0;
await runConsumer(bus, ledger, {
  ...options,
  signal: ending.signal,
  hook: () => {
    if (++steps === killAt) process.kill(process.pid, "SIGKILL");
  },
  onStart: (runner) => {
    process.send!("started");
    const tell = setInterval(() => process.send!(runner.progress?.committedNext ?? -1), 20);
    ending.signal.addEventListener("abort", () => clearInterval(tell));
  },
});
process.disconnect();
