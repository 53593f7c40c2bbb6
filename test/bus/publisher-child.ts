// A publisher in a process of its own: publishes `{n}` on and on, and tells each answer.
import { connect } from "../../bus/client/connect.js";
import { childOptions, onParent, tellParent } from "./child.js";

interface Options {
  readonly url: string;
  readonly producer: string;
  readonly spool?: string;
  readonly topic: string;
  /** The first number. */
  readonly from: number;
  /** How many events may wait for their answer. */
  readonly waitingMax: number;
}

const { url, producer, spool, topic, from, waitingMax } = childOptions<Options>();
const bus = await connect(url);
const publisher = bus.publisher({
  producer,
  batchEventsMax: 20,
  ...(spool === undefined ? {} : { spool }),
});
onParent({
  close: async () => {
    await publisher.close();
    return {};
  },
});
tellParent("ready");
let waiting = 0;
for (let n = from; ; n++) {
  while (waiting >= waitingMax) await new Promise((resolve) => setImmediate(resolve));
  waiting++;
  publisher.publish(topic, { n }).then(
    (offset) => {
      waiting--;
      tellParent("acked", { n, offset });
    },
    (error: { code?: string }) => {
      waiting--;
      tellParent("refused", { n, code: error.code });
    },
  );
  if (n % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
}
