import { connect, type Publisher } from "../../bus/index.js";
import { play } from "../harness/child.js";
import { readingAt, readingsFrom } from "../harness/events.js";
import { monotonicUs } from "../harness/monotonic.js";
import { paced } from "../harness/pacing.js";
import { inWindow } from "../harness/window.js";

/** Calls of publishMany at once: more than the publisher's window of 8, so that it is always full. */
const callsAtOnce = 12;
/** Single publishes not answered yet. */
const singlesMax = 20_000;

let publisher: Publisher;
let loading = false;
/** When each batch of the load was acknowledged. */
const acks: number[] = [];

async function publishMany(start: number, count: number): Promise<void> {
  for (const outcome of await publisher.publishMany(readingsFrom(start, count)))
    if ("error" in outcome) throw new Error(JSON.stringify(outcome.error));
}

/** One call of publish for each event; each is answered on its own. */
async function publishSingly(count: number): Promise<void> {
  let answered = 0;
  let wake = (): void => {};
  const settled = (): void => {
    answered++;
    if (answered % 1000 === 0 || answered === count) wake();
  };
  for (let index = 0; index < count; index++) {
    const { topic, msg } = readingAt(index);
    publisher.publish(topic, msg).then(settled);
    while (index + 1 - answered >= singlesMax || (index + 1 === count && answered < count))
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  }
}

const role = {
  open: async ({ url }: { url: string }) => {
    publisher = (await connect(url)).publisher();
  },

  batches: async ({ count }: { count: number }) => {
    const startUs = monotonicUs();
    await inWindow({ count, size: 1000, width: callsAtOnce }, publishMany);
    return { startUs, endUs: monotonicUs() };
  },

  singly: async ({ count }: { count: number }) => {
    const startUs = monotonicUs();
    await publishSingly(count);
    return { startUs, endUs: monotonicUs() };
  },

  paced: async (work: { perSecond: number; count: number }) => {
    const answers: Promise<number>[] = [];
    await paced(work, (index) => {
      const { topic, msg } = readingAt(index, monotonicUs());
      answers.push(publisher.publish(topic, msg));
    });
    await Promise.all(answers);
  },

  /** Publishes batches until `stopLoad`. */
  startLoad: () => {
    loading = true;
    const load = async (): Promise<void> => {
      for (let start = 0; loading; start += 1000) {
        await publishMany(start, 1000);
        acks.push(monotonicUs());
      }
    };
    for (let call = 0; call < callsAtOnce; call++) void load();
  },

  /** When the first batch was acknowledged after `afterUs`; waits for it. */
  firstAck: async ({ afterUs }: { afterUs: number }) => {
    for (;;) {
      const found = acks.find((ackUs) => ackUs > afterUs);
      if (found !== undefined) return found;
      await new Promise((resolve) => setImmediate(resolve));
    }
  },

  stopLoad: async () => {
    loading = false;
    await publisher.drain();
    acks.length = 0;
  },
};

export type FedbusPublisher = typeof role;

play(role);
