import { basename } from "node:path";
import t, { type Test } from "tap";
import type { Bus } from "../../bus/index.js";
import {
  boundedFeed,
  consumer,
  entriesOf,
  hashState,
  openDeadLetters,
  Runner,
  retryDeadLetter,
  StateStore,
} from "../../consumers/index.js";
import { scratch } from "../replay/scratch.js";
import { memoryBus } from "./running.js";

/** Counts events. The code of before throws at those without an x: in `key` already if it is keyed. */
function counting(isMended: boolean, isKeyed = false) {
  const xOf = (msg: unknown): number => {
    const { x } = msg as { x?: number };
    if (x === undefined && !isMended) throw new Error("no x");
    return x ?? 0;
  };
  return consumer({
    ...{ name: "count", topics: ["in.#"], attemptsMax: 1 },
    ...(isKeyed && { key: ({ msg }) => `k${xOf(msg)}` }),
    handle({ msg }, { state }) {
      xOf(msg);
      state.put("n", ((state.get("n") as number | undefined) ?? 0) + 1);
    },
  });
}

interface Run {
  readonly isMended: boolean;
  readonly isKeyed?: boolean;
  /** Default true: outputs go to the log. */
  readonly live?: boolean;
}

/** Runs up to the head, by so many processes, each with its store below `dir`; resolves with the count. */
async function run(bus: Bus, dir: string, { isMended, isKeyed, live = true }: Run, processes = 1) {
  const { head } = await bus.source.info();
  let n = 0;
  const hashes: string[] = [];
  for (let index = 0; index < processes; index++) {
    await using store = await open(`${dir}/${index}`);
    const producer = `${basename(dir)}-${index}`;
    await new Runner({
      ...{ consumer: counting(isMended, isKeyed), config: {}, store: store.store },
      ...{ source: bus.source, feed: boundedFeed(bus.source, head) },
      ...(live && { openSink: (place) => bus.sink({ producer, ...place }) }),
      partition: { index, count: processes },
    }).run();
    for await (const { value } of entriesOf(store.store)) n += value as number;
    hashes.push((await hashState(store.store, 0)).sha256);
  }
  return { n, hashes };
}

async function open(dir: string) {
  const store = await StateStore.open(dir);
  return { store, [Symbol.asyncDispose]: () => store.close() };
}

/** A log with an event that fails, and the state that has buried it. */
async function failing(t: Test, isKeyed = false, processes = 1) {
  const bus = await memoryBus(t);
  const dir = scratch(t);
  const publisher = bus.publisher();
  await publisher.publish("in.x", { x: 1 });
  await publisher.publish("in.x", {});
  const { n } = await run(bus, dir, { isMended: false, isKeyed }, processes);
  t.equal(n, 1);
  return { bus, dir, publisher };
}

async function retryAll(bus: Bus): Promise<void> {
  for await (const letter of openDeadLetters(bus)) await retryDeadLetter(bus, letter);
}

t.test("retries: mended code counts the event once, live and after a reset", async (t) => {
  const { bus, dir } = await failing(t);
  await retryAll(bus);
  t.equal((await run(bus, dir, { isMended: true })).n, 2, "live, by the retry");
  const fresh = { isMended: true, live: false };
  t.equal((await run(bus, scratch(t), fresh)).n, 2, "from the beginning, by the original");
});

t.test("retries: the old code buries it again, and a replay ends in the same state", async (t) => {
  const { bus, dir } = await failing(t);
  await retryAll(bus);
  const live = await run(bus, dir, { isMended: false });
  t.equal(live.n, 1, "the retry fails like the original");
  const replayed = await run(bus, scratch(t), { isMended: false, live: false });
  t.same(replayed, live);
  await retryAll(bus);
  t.equal((await run(bus, dir, { isMended: true })).n, 2, "the retry of a retry");
  t.equal((await run(bus, scratch(t), { isMended: true, live: false })).n, 2);
});

t.test("retries: an event that was retried twice at once is handled once", async (t) => {
  const { bus, dir } = await failing(t);
  const letter = (await openDeadLetters(bus).next()).value;
  for (let times = 0; times < 2; times++) await retryDeadLetter(bus, letter!);
  t.equal((await run(bus, dir, { isMended: true })).n, 2);
});

t.test("retries: a key that could not be told is found by whichever process has it", async (t) => {
  for (const processes of [1, 3]) {
    const { bus, dir } = await failing(t, true, processes);
    await retryAll(bus);
    const mended = { isMended: true, isKeyed: true };
    t.equal((await run(bus, dir, mended, processes)).n, 2, `live, ${processes}`);
    t.equal((await run(bus, scratch(t), { ...mended, live: false }, processes)).n, 2, "anew");
  }
});
