import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import type { ReadOptions } from "../../../bus/log/event-source.js";
import { copyLog } from "../../../bus/log/level/copy-log.js";
import { offsetKey } from "../../../bus/log/level/keys.js";
import { LevelLog } from "../../../bus/log/level/level-log.js";
import { repairLog } from "../../../bus/log/level/repair-log.js";
import { MemoryLog } from "../../../bus/log/memory-log.js";
import { verify } from "../../../bus/log/verify.js";
import { openDatabase } from "../../../bus/storage/database.js";
import { draftOf } from "../../../bus/testing/drafts.js";

const options = { ballastBytes: 0 } as const;

async function fill(log: LevelLog | MemoryLog, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const run = { id: "p", epoch: 1, seq: log.head, count: 2, at: 0 };
    await log.append([
      draftOf(
        [
          ["a", index],
          ["b", index],
        ],
        [run],
      ),
    ]);
  }
}

t.test("backup: a copy has the same blocks, id and hashes, and can be added to", async (t) => {
  const base = t.testdir();
  const dir = join(base, "copy");
  await using log = await LevelLog.open(join(base, "log"), options);
  await fill(log, 10);
  t.same(await copyLog(log, dir), {
    from: 0,
    head: 20,
    blocks: 10,
    bytes: (await log.stats()).bytes,
    blobs: { count: 0, bytes: 0, damaged: [] },
  });
  await fill(log, 5);
  const second = await copyLog(log, dir);
  t.same([second.from, second.head, second.blocks], [20, 30, 5]);
  t.equal((await copyLog(log, dir)).blocks, 0);
  await using copy = await LevelLog.open(dir, options);
  const [ours, theirs] = [await log.info(), await copy.info()];
  t.same([theirs.logId, theirs.hash, theirs.head], [ours.logId, ours.hash, ours.head]);
  t.ok(copy.epoch > log.epoch);
  const bytesOf = async (one: LevelLog) =>
    Buffer.concat((await one.read({ from: 0 })).blocks.map((block) => block.bytes));
  t.ok((await bytesOf(log)).equals(await bytesOf(copy)));
  t.same(await copy.producer("p"), await log.producer("p"));
  t.same((await verify(copy)).damaged, []);
});

t.test("backup: a trimmed log keeps its base, also from memory", async (t) => {
  const base = t.testdir();
  const log = new MemoryLog();
  await fill(log, 10);
  await log.trim({ before: 8 });
  await copyLog(log, join(base, "copy"));
  await using copy = await LevelLog.open(join(base, "copy"), options);
  t.same([copy.first, copy.head], [8, 20]);
  t.same((await verify(copy)).damaged, []);
});

t.test("backup: anything else in the target is refused", async (t) => {
  const base = t.testdir({ other: { file: "x" } });
  await using log = await LevelLog.open(join(base, "log"), options);
  await fill(log, 3);
  await t.rejects(copyLog(log, join(base, "other")), { code: "LOG_EXISTS" });
  await using foreign = await LevelLog.open(join(base, "foreign"), options);
  await fill(foreign, 1);
  await foreign.close();
  await t.rejects(copyLog(log, join(base, "foreign")), { code: "LOG_EXISTS" });
  await t.rejects(copyLog(log, join(base, "log")), { code: "LOG_IN_USE" });
});

t.test("backup: a copy that has gone its own way is refused", async (t) => {
  const base = t.testdir();
  const dir = join(base, "copy");
  await using log = await LevelLog.open(join(base, "log"), options);
  await fill(log, 3);
  await copyLog(log, dir);
  const copy = await LevelLog.open(dir, options);
  await fill(copy, 1);
  await copy.close();
  await fill(log, 2);
  await t.rejects(copyLog(log, dir), { code: "LOG_DIVERGED" });
});

t.test("backup: a log restored from an older copy tells readers who have seen more", async (t) => {
  const base = t.testdir();
  const dir = join(base, "log");
  const log = await LevelLog.open(dir, options);
  await fill(log, 5);
  await log.close();
  cpSync(dir, join(base, "old"), { recursive: true });
  const later = await LevelLog.open(dir, options);
  await fill(later, 5);
  const seen = { offset: later.head, epoch: later.epoch };
  await later.close();
  writeFileSync(join(base, "note"), "the newer log is lost");
  await using restored = await LevelLog.open(join(base, "old"), options);
  t.ok(restored.epoch > seen.epoch);
  await t.rejects(restored.read({ from: seen.offset, epoch: seen.epoch }), {
    code: "LOG_DIVERGED",
  });
  await fill(restored, 5);
  await t.rejects(restored.read({ from: seen.offset, epoch: seen.epoch }), {
    code: "LOG_DIVERGED",
  });
});

/** Takes the blocks at `offsets` out of the log in `dir`. */
async function lose(dir: string, offsets: readonly number[]): Promise<void> {
  const database = await openDatabase(join(dir, "blocks"), {
    createIfMissing: false,
    writeBufferBytes: 1024 * 1024,
    cacheBytes: 0,
  });
  const dels = offsets.map((offset) => ({ type: "del", key: offsetKey(offset) }) as const);
  await database.batch(dels, { sync: true });
  await database.close();
}

t.test("backup: what a repair gave up as lost stays a hole, and only that", async (t) => {
  const base = t.testdir();
  const [dir, copied] = [join(base, "log"), join(base, "copy")];
  const made = await LevelLog.open(dir, options);
  await fill(made, 10);
  await made.close();
  for (const offset of [6, 4, 18]) {
    // One after the other, so that neighbours are lost separately; the last one is the tail.
    await lose(dir, [offset]);
    await repairLog(dir);
  }
  await using log = await LevelLog.open(dir, options);
  t.same([log.head, (await copyLog(log, copied)).blocks], [20, 7]);
  t.equal((await copyLog(log, copied)).blocks, 0);
  await fill(log, 2);
  t.equal((await copyLog(log, copied)).blocks, 2);
  const copy = await LevelLog.open(copied, options);
  const { damaged, lost, events } = await verify(copy);
  t.same([copy.head, events, damaged], [24, 18, []]);
  t.same(lost, [
    { from: 4, to: 8 },
    { from: 18, to: 20 },
  ]);
  await copy.close();
  await log.close();
  await lose(dir, [10]);
  await using worse = await LevelLog.open(dir, { ...options, acceptLoss: true });
  const known = { info: async () => ({ ...(await worse.info()), lost: [{ from: 4, to: 8 }] }) };
  const { blobs } = worse;
  const source = { ...known, blobs, read: (wanted: ReadOptions) => worse.read(wanted) };
  await t.rejects(copyLog(source, join(base, "other")), { code: "LOG_CORRUPT" });
});
