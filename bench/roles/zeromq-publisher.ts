import { Publisher } from "zeromq";
import { connect } from "../../bus/index.js";
import { play } from "../harness/child.js";
import { monotonicUs } from "../harness/monotonic.js";

const socket = new Publisher({ linger: 0, sendHighWaterMark: 0 });
/** Payloads of blocks, each about 1,000 events, with how many events they hold. */
const payloads: { readonly payload: Buffer; readonly count: number }[] = [];

const role = {
  /** Binds, and takes the blocks to send from the log of the hub at `hub`. */
  open: async ({ hub, events }: { hub: string; events: number }) => {
    await socket.bind("tcp://127.0.0.1:*");
    await using bus = await connect(hub);
    const { head } = await bus.source.info();
    for (let from = head - events; from < head; ) {
      const page = await bus.source.read({ from });
      for (const { payload, count } of page.blocks) payloads.push({ payload, count });
      from = page.next;
    }
    return { url: socket.lastEndpoint! };
  },

  /** Something without a payload, by which subscribers see that they are connected. */
  greet: () => socket.send(["bench"]),

  /** Sends at least `count` events, over and over the same blocks; tells how many it were. */
  send: async ({ count }: { count: number }) => {
    const startUs = monotonicUs();
    let sent = 0;
    for (let index = 0; sent < count; index++) {
      const { payload, count: events } = payloads[index % payloads.length]!;
      await socket.send(["bench", payload]);
      sent += events;
    }
    return { startUs, sent };
  },
};

export type ZeromqPublisher = typeof role;

play(role);
