import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { topicBlockKey } from "../../../bus/log/level/keys.js";
import { LevelLog } from "../../../bus/log/level/level-log.js";
import { verify } from "../../../bus/log/verify.js";
import { openDatabase } from "../../../bus/storage/database.js";
import { draftOf } from "../../../bus/testing/drafts.js";
import { eventLogSuite } from "../../../bus/testing/event-log-suite.js";
import { patienceMs } from "../seed.js";
import { until } from "../turns.js";

t.setTimeout(patienceMs);

const small = { ballastBytes: 0 } as const;
let made = 0;

for (const recentBytesMax of [8 * 1024 * 1024, 0])
  t.test(`level log: the suite, with ${recentBytesMax} bytes in memory`, async (t) => {
    const dir = t.testdir();
    eventLogSuite(t, {
      open: (clock) =>
        LevelLog.open(join(dir, `log-${made++}`), { clock, recentBytesMax, ...small }),
    });
  });

t.test("level log: blocks and producers are there after a restart, epochs rise", async (t) => {
  const dir = join(t.testdir(), "log");
  const log = await LevelLog.open(dir, small);
  const run = { id: "p", epoch: 1, seq: 0, count: 2, at: 0 };
  await log.append([
    draftOf(
      [
        ["a", 1],
        ["b", 2],
      ],
      [run],
    ),
  ]);
  await log.close();
  await using again = await LevelLog.open(dir, { ...small, create: false });
  t.equal(again.logId, log.logId);
  t.ok(again.epoch > log.epoch);
  t.equal(again.head, 2);
  t.equal((await again.producer("p"))?.nextSeq, 2);
  t.same(
    (await again.topics()).map(({ topic }) => topic),
    ["a", "b"],
  );
  const [block] = await again.append([draftOf([["a", 3]])]);
  t.equal(block?.firstOffset, 2);
  t.same((await verify(again)).damaged, []);
});

t.test("level log: a clock that stands or goes back still gives a new epoch", async (t) => {
  const dir = join(t.testdir(), "log");
  const epochs: number[] = [];
  for (const now of [5_000, 5_000, 1]) {
    await using log = await LevelLog.open(dir, { ...small, clock: () => now });
    epochs.push(log.epoch);
  }
  t.same(epochs, [5_001, 5_002, 5_003]);
});

t.test("level log: there must be a log unless one may be made", async (t) => {
  const dir = join(t.testdir(), "log");
  await t.rejects(LevelLog.open(dir, { create: false }), { code: "LOG_NOT_FOUND" });
  t.notOk(existsSync(dir));
});

t.test("level log: a newer format is refused", async (t) => {
  const dir = join(t.testdir(), "log");
  await (await LevelLog.open(dir, small)).close();
  const path = join(dir, "log.json");
  const state = JSON.parse(await readFile(path, "utf8"));
  await writeFile(path, JSON.stringify({ ...state, format: 2 }));
  await t.rejects(LevelLog.open(dir), { code: "LOG_FORMAT_NEWER", details: { format: 2 } });
});

t.test("level log: unknown options are refused", async (t) => {
  const wrong = { freeBytes: 1 } as object;
  await t.rejects(LevelLog.open(join(t.testdir(), "log"), wrong), { code: "OPTIONS_INVALID" });
});

t.test("level log: below the watermark appends are refused, above they go on", async (t) => {
  const dir = join(t.testdir(), "log");
  await using log = await LevelLog.open(dir, {
    ...small,
    freeBytesMin: Number.MAX_SAFE_INTEGER,
  });
  await t.rejects(log.append([draftOf([["a", 1]])]), { code: "LOG_DISK_LOW", retryable: true });
  t.equal(log.head, 0);
});

t.test("level log: a crash while it was being made leaves nothing in the way", async (t) => {
  const dir = join(t.testdir(), "log");
  await (await LevelLog.open(dir, small)).close();
  const path = join(dir, "log.json");
  const state = JSON.parse(await readFile(path, "utf8"));
  await writeFile(path, JSON.stringify({ ...state, creating: true }));
  await using log = await LevelLog.open(dir, small);
  await log.append([draftOf([["a", 1]])]);
  t.equal(log.head, 1);
});

t.test("level log: under the mark of being made, events are never replaced", async (t) => {
  const dir = join(t.testdir(), "log");
  const log = await LevelLog.open(dir, small);
  await log.append([draftOf([["a", 1]])]);
  await log.close();
  const path = join(dir, "log.json");
  const state = JSON.parse(await readFile(path, "utf8"));
  await writeFile(path, JSON.stringify({ ...state, creating: true }));
  await t.rejects(LevelLog.open(dir, small), { code: "LOG_CORRUPT" });
});

t.test("level log: the index is rebuilt when it is gone, damaged, or another log's", async (t) => {
  const base = t.testdir();
  const dir = join(base, "log");
  const run = { id: "p", epoch: 1, seq: 0, count: 2, at: 0 };
  const log = await LevelLog.open(dir, small);
  await log.append([
    draftOf(
      [
        ["a", 1],
        ["b", 2],
      ],
      [run],
    ),
  ]);
  const wanted = { topics: await log.topics(), producer: await log.producer("p") };
  await log.close();
  const { rm, cp } = await import("node:fs/promises");
  const other = await LevelLog.open(join(base, "other"), small);
  await other.append([
    draftOf([
      ["z", 1],
      ["z", 2],
    ]),
  ]);
  await other.close();
  const damages: Record<string, () => Promise<void>> = {
    gone: () => rm(join(dir, "index"), { recursive: true }),
    damaged: () => writeFile(join(dir, "index", "CURRENT"), "nonsense"),
    foreign: async () => {
      await rm(join(dir, "index"), { recursive: true });
      await cp(join(base, "other", "index"), join(dir, "index"), { recursive: true });
    },
  };
  for (const [name, damage] of Object.entries(damages)) {
    await damage();
    await using again = await LevelLog.open(dir, small);
    t.same({ topics: await again.topics(), producer: await again.producer("p") }, wanted, name);
  }
});

t.test("level log: a damaged index is made anew when a trim comes upon it", async (t) => {
  const base = t.testdir();
  const options = { pattern: "a", before: 8 };
  for (const ask of ["planTrim", "trim"] as const) {
    const dir = join(base, ask);
    const log = await LevelLog.open(dir, small);
    for (let n = 0; n < 60; n++) await log.append([draftOf([[n % 2 === 0 ? "a" : "b", n]])]);
    await log.close();
    const index = await openDatabase(join(dir, "index"), {
      createIfMissing: false,
      writeBufferBytes: 1024 * 1024,
      cacheBytes: 0,
    });
    const damaged = { key: topicBlockKey("a", 4), value: Buffer.from("nonsense") };
    await index.batch([{ type: "put", ...damaged }], { sync: true });
    await index.close();
    await using again = await LevelLog.open(dir, small);
    await t.rejects(again[ask](options), { code: "LOG_WRITE_FAILED" }, ask);
    let removed: number | undefined;
    await until(async () => {
      removed = (await again[ask](options).catch(() => undefined))?.removed;
      return removed !== undefined;
    });
    t.equal(removed, 4, ask);
  }
});

t.test("level log: what a trim frees is given back to the disk", async (t) => {
  const dir = join(t.testdir(), "log");
  await using log = await LevelLog.open(dir, small);
  const { randomBytes } = await import("node:crypto");
  for (let index = 0; index < 40; index++)
    await log.append([draftOf([["a", randomBytes(500_000).toString("base64")]])]);
  const before = (await log.stats()).diskBytes;
  await log.trim({ countMax: 4 });
  const after = (await log.stats()).diskBytes;
  t.comment(`disk bytes before ${before}, after ${after}`);
  t.ok(after < before / 2);
});

t.test("level log: a trim tells how far it is", async (t) => {
  await using log = await LevelLog.open(join(t.testdir(), "log"), small);
  for (let index = 0; index < 50; index++)
    await log.append([
      draftOf([
        ["a", index],
        ["b", index],
      ]),
    ]);
  const told: number[] = [];
  const onProgress = ({ done, total }: { readonly done: number; readonly total: number }): void => {
    t.equal(total, 80);
    told.push(done);
  };
  await log.trim({ pattern: "a", countMax: 10, onProgress });
  t.same(told, [30, 62, 78], "after every 16 blocks, and the last ones");
});

t.test("level log: trimmed blocks that a crash left behind go at the next open", async (t) => {
  const dir = join(t.testdir(), "log");
  const log = await LevelLog.open(dir, small);
  for (let index = 0; index < 10; index++) await log.append([draftOf([["a", index]])]);
  await log.close();
  const path = join(dir, "log.json");
  const state = JSON.parse(await readFile(path, "utf8"));
  const base = { ...state.base, first: 6 };
  await writeFile(path, JSON.stringify({ ...state, base }));
  await using again = await LevelLog.open(dir, small);
  await again.trim({ countMax: 100 });
  const stats = await again.stats();
  t.same([again.first, stats.events, (await again.topics())[0]?.count], [6, 4, 4]);
  await t.rejects(again.read({ from: 5 }), { code: "LOG_TRUNCATED" });
});

t.test("level log: the ballast is made, really there, and made again", async (t) => {
  const dir = join(t.testdir(), "log");
  const log = await LevelLog.open(dir, { ballastBytes: 1_000_000 });
  await log.close();
  const { stat, rm } = await import("node:fs/promises");
  t.ok((await stat(join(dir, "ballast"))).blocks * 512 >= 1_000_000);
  await rm(join(dir, "ballast"));
  await (await LevelLog.open(dir, { ballastBytes: 1_000_000 })).close();
  t.ok((await readdir(dir)).includes("ballast"));
});

t.test("level log: long scans and trims leave the event loop its turns", async (t) => {
  const dir = join(t.testdir(), "log");
  await using log = await LevelLog.open(dir, { ...small, recentBytesMax: 0 });
  const text = "text ".repeat(20);
  const events = Array.from({ length: 2_000 }, (_, n) => ["a", { n, text }] as const);
  for (let index = 0; index < 60; index++) await log.append([draftOf(events)]);
  let worstMs = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    worstMs = Math.max(worstMs, performance.now() - last);
    last = performance.now();
  }, 1);
  await verify(log);
  await log.trim({ pattern: "a", countMax: 60_000 });
  await log.trim({ countMax: 10_000 });
  clearInterval(timer);
  t.comment(`120,000 events verified and trimmed, the longest wait ${Math.round(worstMs)} ms`);
  t.ok(worstMs < 500);
});

t.test(
  "level log: a producer of one life that never had an event goes at a later open",
  async (t) => {
    const dir = join(t.testdir(), "log");
    const log = await LevelLog.open(dir, small);
    const ids = Array.from({ length: 200 }, (_, index) => `anonymous-${index}`);
    for (const id of [...ids, "named"]) await log.openProducer(id);
    await log.close();
    await using again = await LevelLog.open(dir, small);
    await again.trim({ before: 0 });
    for (const id of ids) t.equal(await again.producer(id), undefined);
    t.equal((await again.producer("named"))?.id, "named");
  },
);
