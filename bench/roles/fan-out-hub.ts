import { type BlockDraft, connect, Hub, MemoryLog } from "../../bus/index.js";
import { play } from "../harness/child.js";
import { monotonicUs } from "../harness/monotonic.js";

const drafts: BlockDraft[] = [];
let log: MemoryLog;

const role = {
  /** A hub over a log in memory, and ready blocks from the log of the hub at `from`. */
  open: async ({ from: url, events }: { from: string; events: number }) => {
    await using bus = await connect(url);
    const { head } = await bus.source.info();
    for (let from = head - events; from < head; ) {
      const page = await bus.source.read({ from });
      for (const { count, body, bodyCrc, topics, topicIds } of page.blocks)
        drafts.push({ count, body, bodyCrc, topics, topicIds, producers: [] });
      from = page.next;
    }
    log = new MemoryLog();
    const hub = await Hub.open(log, { listen: "tcp://127.0.0.1:0" });
    return { url: hub.url };
  },

  /** Appends at least `count` events, over and over the same blocks; tells how many it were. */
  send: async ({ count }: { count: number }) => {
    const startUs = monotonicUs();
    let sent = 0;
    for (let index = 0; sent < count; index++) {
      const draft = drafts[index % drafts.length]!;
      await log.append([draft]);
      sent += draft.count;
      await new Promise((resolve) => setImmediate(resolve));
    }
    return { startUs, sent };
  },
};

export type FanOutHub = typeof role;

play(role);
