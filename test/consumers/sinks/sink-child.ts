// Runs two sinks on a hub, one into files and one to a webhook, and dies at the `killAt`th step of
// either, or ends when told to.
import { connect } from "../../../bus/index.js";
import { file, runConsumer, sink, webhook } from "../../../consumers/index.js";
import { childOptions, onParent, tellParent } from "../../bus/child.js";

const { url, hook, dir, killAt, commitEventsMax } = childOptions<{
  url: string;
  hook: string;
  dir: string;
  /** Infinity comes as null. */
  killAt: number | null;
  commitEventsMax: number;
}>();

const local = { allow: ["127.0.0.1"], allowHttp: true, unsigned: true } as const;
const limits = { commitIntervalMs: 0, commitEventsMax };
const files = sink({
  name: "files",
  topics: ["in.#"],
  batchEventsMax: 7,
  to: () => file({ dir: `${dir}/out`, fileBytesMax: 2000 }),
});
const posts = sink({
  name: "posts",
  topics: ["in.#"],
  batchEventsMax: 5,
  to: () => webhook({ ...local, url: hook }),
});

const ending = new AbortController();
let steps = 0;
const progress = [-1, -1];
await using bus = await connect(url);
const running = [files, posts].map((consumer, index) =>
  runConsumer(bus, consumer, {
    dir: `${dir}/${consumer.name}`,
    limits,
    signal: ending.signal,
    hook: () => {
      if (++steps === killAt) process.kill(process.pid, "SIGKILL");
    },
    onStart: (runner) => {
      const tell = setInterval(() => {
        progress[index] = runner.progress?.committedNext ?? -1;
        tellParent("progress", { next: Math.min(...progress) });
      }, 10);
      ending.signal.addEventListener("abort", () => clearInterval(tell));
    },
  }),
);
onParent({ end: () => ending.abort() });
tellParent("ready");
await Promise.all(running);
tellParent("ended");
process.disconnect();
