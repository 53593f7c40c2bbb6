// What a supervisor does to change the number of processes, in one process that dies at its `killAt`th step.
import { connect } from "../../../bus/index.js";
import {
  boundedFeed,
  ConsumerHome,
  type Current,
  Runner,
  StateStore,
} from "../../../consumers/index.js";
import type { Moment } from "../../../consumers/supervisor/messages.js";
import { divideAnew, meetingPoint } from "../../../consumers/supervisor/rescale.js";
import { childOptions } from "../../bus/child.js";
import { ledger } from "../runner/ledger.js";

const { url, dir, parallelism, killAt } = childOptions<{
  readonly url: string;
  readonly dir: string;
  readonly parallelism: number;
  readonly killAt: number;
}>();
let steps = 0;
const hook = (): void => {
  if (++steps === killAt) process.kill(process.pid, "SIGKILL");
};

await using bus = await connect(url);
const home = new ConsumerHome(dir);
const consumer = { name: ledger.name, home };
const before = (await home.current())!;
if (before.parallelism !== parallelism) {
  const moment = await meetingPoint(consumer);
  for (let index = 0; index < before.parallelism; index++) await comeTo(moment!, before, index);
  await divideAnew(consumer, { parallelism, moment, hook });
}

async function comeTo({ next, time }: Moment, current: Current, index: number): Promise<void> {
  const store = await StateStore.open(home.storeDir(current, index));
  const { source } = bus;
  const producer = home.producer(ledger.name, current, index);
  const runner = new Runner({
    ...{ consumer: ledger, config: {}, store, source, hook },
    feed: boundedFeed(source, next, time),
    openSink: (sequences) => bus.sink({ producer, ...sequences }),
    partition: { index, count: current.parallelism },
    inFlightPath: home.inFlightPath(current, index),
    limits: { commitIntervalMs: 0, commitEventsMax: 5 },
  });
  await runner.run();
  await store.close();
}
