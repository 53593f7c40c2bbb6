import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { LevelLog } from "../../../bus/log/level/level-log.js";
import { type Database, type Operation, openDatabase } from "../../../bus/storage/database.js";
import { draftOf } from "../../../bus/testing/drafts.js";
import { isFedbusError } from "../../../schemas/errors.js";
import { below, loops, patienceMs, seeded } from "../seed.js";

/**
 * LevelDB says nothing of what it cannot find any more: a damaged table is a hole in its keys, and an
 * entry that was written over comes back as it was before. Here that is done on purpose, to the index.
 */
t.setTimeout(patienceMs);

const quiet = { ballastBytes: 0, recentBytesMax: 0 } as const;
const events = 3_000;

/** Events 0 up to 3,000 with topics that are rare and common, by four producers, 10 ms a block. */
async function extend(dir: string, from: number, to: number): Promise<void> {
  let now = 1_000 + from;
  await using log = await LevelLog.open(dir, { ...quiet, clock: () => now });
  for (let at = from; at < to; ) {
    const some = Array.from({ length: Math.min(1 + (at % 17), to - at) }, (_, index) => at + index);
    const run = { id: `p${at % 4}`, epoch: 1, seq: at, count: some.length, at: 0 };
    now = 1_000 + at;
    await log.append([
      draftOf(
        some.map((n) => [topicOf(n), { n }] as const),
        [run],
      ),
    ]);
    at += some.length;
  }
}

function topicOf(n: number): string {
  if (n === 700 || n === 2_999) return "once";
  return n % 40 === 0 ? "rare.even" : n % 100 === 7 ? "rare.odd" : "a.b";
}

/** All that a log needs its index for. */
async function answersOf(dir: string): Promise<object> {
  await using log = await LevelLog.open(dir, { ...quiet, create: false });
  const pages = [];
  for (const [from, to] of [
    [0, events],
    [1_111, 1_999],
    [2_500, events],
  ] as const)
    for (const order of ["asc", "desc"] as const)
      for (const patterns of [["rare.*"], ["once"]])
        pages.push(await offsetsIn(log, { from, to, order, patterns }));
  const times = [];
  for (let time = 900; time < 4_200; time += 130) times.push(await log.offsetAtTime(time));
  const producers = [];
  for (const id of ["p0", "p1", "p2", "p3", "p4"]) producers.push(await log.producer(id));
  const plans = [];
  for (const limits of [{ countMax: 200 }, { countMax: 20, pattern: "rare.*" }])
    plans.push(await again(() => log.planTrim(limits)));
  return { pages, times, producers, plans, topics: await log.topics() };
}

/** Once more if the index is being made anew. */
async function again<Result>(ask: () => Promise<Result>): Promise<Result> {
  try {
    return await ask();
  } catch (error) {
    if (!isFedbusError(error, "LOG_WRITE_FAILED")) throw error;
    return ask();
  }
}

async function offsetsIn(
  log: LevelLog,
  options: { from: number; to: number; order: "asc" | "desc"; patterns: readonly string[] },
): Promise<number[]> {
  const offsets: number[] = [];
  for (let range = options; range.from < range.to; ) {
    const page = await log.read({ ...range, bytesMax: 4_000 });
    for (const block of page.blocks)
      for (let index = 0; index < block.count; index++) offsets.push(block.offsetOf(index));
    range = options.order === "asc" ? { ...range, from: page.next } : { ...range, to: page.next };
  }
  return offsets.sort((a, b) => a - b);
}

async function withIndex<Result>(
  dir: string,
  use: (database: Database) => Promise<Result>,
): Promise<Result> {
  const sizes = { writeBufferBytes: 1024 * 1024, cacheBytes: 0 };
  const database = await openDatabase(join(dir, "index"), { createIfMissing: false, ...sizes });
  try {
    return await use(database);
  } finally {
    await database.close();
  }
}

function entriesOf(dir: string): Promise<[Buffer, Buffer][]> {
  return withIndex(dir, (database) => database.iterator({}).nextv(100_000));
}

/** Each damage is a number of keys that are gone, or have a value from before. */
async function testDamages(
  t: Test,
  damage: (entries: readonly [Buffer, Buffer][], random: () => number) => readonly Operation[],
  dirs: { readonly whole: string; readonly hurt: string },
): Promise<void> {
  const random = seeded(t);
  const entries = await entriesOf(dirs.hurt);
  const asked = `${dirs.whole}-asked`;
  cpSync(dirs.whole, asked, { recursive: true });
  const wanted = await answersOf(asked);
  const count = loops("FEDBUS_HOLES", 6);
  for (let round = 0; round < count; round++) {
    const dir = join(t.testdirName, `round-${round}`);
    cpSync(dirs.whole, dir, { recursive: true });
    const operations = damage(entries, random);
    await withIndex(dir, (database) => database.batch(operations, { sync: false }));
    const found = await answersOf(dir);
    const keys = operations.map(({ key }) => key.toString("latin1").replace(/[^ -~]/g, "."));
    if (!t.same(found, wanted, `after ${keys.length} keys from ${keys[0]}`)) return;
    rmSync(dir, { recursive: true });
  }
}

t.test("index: what is missing from it changes no answer", async (t) => {
  const whole = join(t.testdir(), "whole");
  await extend(whole, 0, events);
  await testDamages(
    t,
    (entries, random) => {
      const start = below(random, entries.length);
      const count = 1 + below(random, 2) * below(random, 60);
      return entries.slice(start, start + count).map(([key]) => ({ type: "del", key }));
    },
    { whole, hurt: whole },
  );
});

t.test("index: what comes back from before changes no answer", async (t) => {
  const early = join(t.testdir(), "early");
  const whole = join(t.testdirName, "whole");
  await extend(early, 0, 2_000);
  cpSync(early, whole, { recursive: true });
  await extend(whole, 2_000, events);
  await testDamages(
    t,
    (entries, random) => {
      const changing = entries.filter(([key]) => /^[mTp]/.test(key.toString("latin1")));
      const some = changing.filter(() => random() < 0.4);
      const [key, value] = changing[below(random, changing.length)]!;
      return [[key, value] as const, ...some].map(([key, value]) => ({ type: "put", key, value }));
    },
    { whole, hurt: early },
  );
});

t.test("index: one that has lost how far it goes is made anew from nothing", async (t) => {
  const whole = join(t.testdir(), "whole");
  await extend(whole, 0, events);
  const wanted = await answersOf(whole);
  const untouched = await entriesOf(whole);
  await withIndex(whole, (database) =>
    database.batch([{ type: "del", key: Buffer.from("m") }], { sync: false }),
  );
  t.same(await answersOf(whole), wanted);
  t.same(await entriesOf(whole), untouched);
});
