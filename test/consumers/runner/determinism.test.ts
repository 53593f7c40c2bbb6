import { join } from "node:path";
import t from "tap";
import { Block, type FollowedPage } from "../../../bus/index.js";
import type { MemoryLog } from "../../../bus/log/memory-log.js";
import {
  boundedFeed,
  type Consumer,
  consumer,
  entriesOf,
  outboxBatches,
  Runner,
  type RunnerLimits,
  StateStore,
} from "../../../consumers/index.js";
import type { Feed } from "../../../consumers/runner/feed.js";
import { below, seeded } from "../../bus/seed.js";
import { type Recorded, recordedLog } from "../recorded.js";
import { ledger } from "./ledger.js";

/** Timers of both clocks that set timers, also at times that are past, and tell what they see. */
const nested = consumer({
  name: "nested",
  topics: ["bank.#"],
  key: (event) => (event.msg as { account: string }).account,
  watermark: {
    time: (event) => (event.msg as { at: number }).at + 0.25,
    outOfOrderMs: 10,
    idleMs: 40,
  },
  handle: (event, { timers, now }) => {
    const { account, amount, at } = event.msg as { account: string; amount: number; at: number };
    timers.set("log", now() + amount - 10, `a ${account}`);
    timers.set("event", at + amount, "");
  },
  timer: ({ clock, at, key }, { emit, now, random, timers, state }) => {
    const count = ((state.get(key) as number | undefined) ?? 0) + 1;
    state.put(key, count, { ttlMs: 35 });
    emit("nested.fired", { clock, at, key, now: now(), count, watermark: timers.watermark });
    emit("nested.chance", random());
    if (!key.startsWith("a ")) return;
    timers.set("event", Math.ceil(timers.watermark) - 5, `late ${key}`);
    timers.set("event", now(), `now ${key}`);
    timers.set("log", now() - 3, `past ${key}`);
    timers.set("log", now(), `again ${key}`);
  },
});

interface Way {
  readonly partitions: number;
  readonly limits?: Partial<RunnerLimits>;
  readonly cacheBytesMax?: number;
  /** Pages of this many events, and beacons between them. */
  readonly pages?: { readonly events: number; readonly random: () => number };
}

/** A feed in pages, with beacons at any time that the log could have told between them. */
function beaconFeed(
  log: MemoryLog,
  endAt: number,
  { events, random }: NonNullable<Way["pages"]>,
): Feed {
  return async function* (from, patterns): AsyncGenerator<FollowedPage> {
    let toldAt = 0;
    for (let next = from; next < log.head; ) {
      const to = Math.min(log.head, next + events);
      const { blocks } = await log.read({ from: next, to, patterns });
      const first = blocks[0]!.recordedAt;
      if (first > toldAt && below(random, 2) === 0) {
        const time = toldAt + 1 + below(random, first - toldAt);
        yield { blocks: [], next, caughtUp: false, time };
      }
      const last = blocks.at(-1)!.recordedAt;
      const [following] = to < log.head ? (await log.read({ from: to, bytesMax: 1 })).blocks : [];
      toldAt = last + below(random, (following?.recordedAt ?? endAt) - last + 1);
      yield { blocks, next: to, caughtUp: true, time: toldAt };
      next = to;
    }
    yield { blocks: [], next: log.head, caughtUp: true, time: endAt };
  };
}

/** Outputs by their ids, and all entries, whichever process they come from. */
async function run(dir: string, log: MemoryLog, plugin: Consumer, endAt: number, way: Way) {
  const { partitions: count, limits = {}, cacheBytesMax } = way;
  const outputs: string[] = [];
  const entries: string[] = [];
  for (let index = 0; index < count; index++) {
    const store = await StateStore.open(join(dir, `${index}`), {
      durable: false,
      ...(cacheBytesMax !== undefined && { cacheBytesMax }),
    });
    const feed =
      way.pages === undefined
        ? boundedFeed(log, log.head, endAt)
        : beaconFeed(log, endAt, way.pages);
    const partition = { index, count };
    await new Runner({
      consumer: plugin,
      config: {},
      store,
      source: log,
      feed,
      partition,
      limits,
    }).run();
    for await (const { block, count } of outboxBatches(store))
      for (let place = 0; place < count; place++)
        outputs.push(Block.decode(block).bytesOf(place).toString());
    for await (const entry of entriesOf(store))
      if (entry.expires === undefined || entry.expires > endAt) entries.push(JSON.stringify(entry));
    await store.close();
  }
  const idOf = (text: string): string => (JSON.parse(text) as { msg_id: string }).msg_id;
  t.equal(new Set(outputs.map(idOf)).size, outputs.length, "ids are unique");
  return { inOrder: outputs, outputs: outputs.toSorted(), entries: entries.toSorted() };
}

function events(random: () => number, count: number): Recorded[] {
  let at = 1_000;
  return Array.from({ length: count }, () => {
    at += below(random, 3) === 0 ? below(random, 90) : 0;
    const account = `a${below(random, 12)}`;
    return {
      at,
      topic: `bank.${below(random, 3)}`,
      msg: { account, amount: below(random, 30), at: at - below(random, 80) },
    };
  });
}

for (const plugin of [ledger, nested])
  t.test(`determinism: ${plugin.name} computes the same however it is run`, async (t) => {
    const random = seeded(t);
    const recorded = events(random, 400);
    const endAt = recorded.at(-1)!.at + 5_000;
    const log = await recordedLog(recorded, endAt);
    const root = t.testdir();
    let runs = 0;
    const by = (way: Way) => run(join(root, `${runs++}`), log, plugin, endAt, way);
    const whole = await by({ partitions: 1 });
    t.ok(whole.outputs.length > 400, `${whole.outputs.length} outputs`);

    for (const partitions of [2, 3]) {
      const divided = await by({ partitions });
      t.strictSame(divided.outputs, whole.outputs, `outputs of ${partitions} processes`);
      t.strictSame(divided.entries, whole.entries, `state of ${partitions} processes`);
    }
    for (const events of [1, 7, 100]) {
      const limits = { commitEventsMax: 1 + below(random, 20), timersInMemoryMax: 4 };
      const way = { partitions: 1, limits, cacheBytesMax: 500, pages: { events, random } };
      const paged = await by(way);
      t.strictSame(paged.inOrder, whole.inOrder, `outputs in pages of ${events}, with beacons`);
      t.strictSame(paged.entries, whole.entries, `state in pages of ${events}, with beacons`);
    }
  });
