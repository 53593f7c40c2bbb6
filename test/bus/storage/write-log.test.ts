import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { type Operation, openDatabase } from "../../../bus/storage/database.js";
import { beginsWithPut, damagedWrites, recordsIn } from "../../../bus/storage/write-log.js";
import { below, seeded } from "../seed.js";

const sizes = { createIfMissing: true, writeBufferBytes: 8 * 1024 * 1024, cacheBytes: 0 };
const commits = 200;

/** A database that has everything in its write-ahead log: writes of 20 bytes to 60 kB. */
async function makeLog(dir: string): Promise<string> {
  const database = await openDatabase(dir, sizes);
  for (let commit = 0; commit < commits; commit++) {
    const value = Buffer.from("x".repeat(commit % 40 === 0 ? 60_000 : commit * 3));
    const put: Operation = { type: "put", key: Buffer.from(`key-${commit}`), value };
    await database.batch([put], { sync: false });
  }
  await database.close();
  const [name = ""] = readdirSync(dir).filter((file) => file.endsWith(".log"));
  return join(dir, name);
}

t.test("write log: all records are read, and one that is cut off is no damage", async (t) => {
  const dir = t.testdir();
  const path = await makeLog(dir);
  const log = readFileSync(path);
  const records = [...recordsIn(log)];
  t.equal(records.length, commits);
  t.equal(damagedWrites(dir), undefined);
  const last = Buffer.from(log);
  // The last write lies in one frame. A long one lies in several, and may be whole behind a hole.
  last[log.length - 20]! ^= 1;
  writeFileSync(path, last);
  t.equal(damagedWrites(dir), undefined, "the last one");
  for (const cut of [1, 300, 611]) {
    writeFileSync(path, log.subarray(0, log.length - cut));
    t.equal(damagedWrites(dir), undefined, `${cut} bytes less`);
    t.equal([...recordsIn(readFileSync(path))].length, commits - 1);
  }
});

t.test("write log: a flipped bit anywhere before the last write is noticed", async (t) => {
  const random = seeded(t);
  const dir = t.testdir();
  const path = await makeLog(dir);
  const log = readFileSync(path);
  const before = statSync(path).size - 700;
  for (let flip = 0; flip < 100; flip++) {
    const at = below(random, before);
    const copy = Buffer.from(log);
    copy[at]! ^= 1 << below(random, 8);
    writeFileSync(path, copy);
    if (!t.equal(damagedWrites(dir), path, `byte ${at}`)) break;
  }
});

t.test("write log: what was not synced may have holes", async (t) => {
  const dir = t.testdir();
  const database = await openDatabase(dir, sizes);
  const put: Operation = { type: "put", key: Buffer.from("put"), value: Buffer.alloc(100) };
  await database.batch([put], { sync: true });
  for (let removal = 0; removal < 20; removal++)
    await database.batch([{ type: "del", key: Buffer.from(`key-${removal}`) }], { sync: false });
  await database.close();
  const [name = ""] = readdirSync(dir).filter((file) => file.endsWith(".log"));
  const log = readFileSync(join(dir, name));
  const holed = Buffer.from(log);
  holed[200]! ^= 1;
  writeFileSync(join(dir, name), holed);
  t.equal(damagedWrites(dir, beginsWithPut), undefined);
  t.equal(damagedWrites(dir), join(dir, name));

  // A write of several fragments, of which the first is not on disk.
  const long = readFileSync(await makeLog(t.testdir()));
  const start = [...recordsIn(long)].slice(0, 1)[0]!.length;
  t.ok(start > 60_000);
  const torn = Buffer.from(long.subarray(0, start + 20));
  torn.fill(0, 0, 4096);
  writeFileSync(join(dir, name), torn);
  t.equal(damagedWrites(dir), undefined);
});
