import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { crc32c, masked } from "../../../bus/storage/crc32c.js";
import { type Operation, openDatabase } from "../../../bus/storage/database.js";
import { liveTables } from "../../../bus/storage/live-tables.js";
import { unsnappy } from "../../../bus/storage/snappy.js";
import { damagedTable, isDamaged } from "../../../bus/storage/table-check.js";
import { entriesIn, wholeBlocks } from "../../../bus/storage/table-file.js";
import { below, seeded } from "../seed.js";

const sizes = { writeBufferBytes: 1024 * 1024, cacheBytes: 0 };
const entries = 2_000;

/** A database with values that compress, and some that do not; in several tables. */
async function makeTables(dir: string, random: () => number): Promise<string[]> {
  mkdirSync(dir, { recursive: true });
  for (let part = 0; part < 3; part++) {
    const database = await openDatabase(dir, { createIfMissing: part === 0, ...sizes });
    const operations = Array.from({ length: entries }, (_, index): Operation => {
      const noise = Buffer.from(
        Array.from({ length: below(random, 40) }, () => below(random, 256)),
      );
      const value = Buffer.concat([Buffer.from("abc".repeat(index % 300)), noise]);
      return { type: "put", key: Buffer.from(`key-${part}-${index}`), value };
    });
    await database.batch(operations, { sync: true });
    await database.close();
  }
  // What the last one wrote goes into a table when it is opened.
  await (await openDatabase(dir, { createIfMissing: false, ...sizes })).close();
  return liveTables(dir)!;
}

function countOf(file: Buffer): number {
  let count = 0;
  for (const content of wholeBlocks(file))
    for (const [key] of entriesIn(content)) if (key.toString("latin1").startsWith("key-")) count++;
  return count;
}

function flipped(file: Buffer, at: number, bit: number): Buffer {
  const copy = Buffer.from(file);
  copy[at]! ^= 1 << bit;
  return copy;
}

t.test("table file: CRC-32C has its known values", async (t) => {
  t.equal(crc32c(Buffer.from("123456789")), 0xe306_9283);
  t.equal(crc32c(Buffer.alloc(32)), 0x8a91_36aa);
  t.equal(crc32c(Buffer.alloc(0)), 0);
});

t.test("table file: Snappy's literals and copies, and what it cannot have written", async (t) => {
  // "abcd", then 8 bytes from 4 back: a copy that reaches into what it makes.
  t.equal(unsnappy(Buffer.from("0c0c616263641104", "hex")).toString(), "abcdabcdabcd");
  for (const wrong of ["0c0c616263641105", "0d0c616263641104", "040c6162", "04", "ffffffff7f00"])
    t.throws(() => unsnappy(Buffer.from(wrong, "hex")), RangeError, wrong);
});

t.test("table file: whole tables are whole, and every flipped bit is noticed", async (t) => {
  const random = seeded(t);
  const dir = join(t.testdir(), "database");
  const paths = await makeTables(dir, random);
  t.ok(paths.length >= 2);
  const onDisk = readdirSync(dir).filter((name) => name.endsWith(".ldb"));
  t.same(paths.length, onDisk.length);
  t.equal(await damagedTable(dir, { dataBytesMax: Number.POSITIVE_INFINITY }), undefined);
  t.equal(
    paths.reduce((sum, path) => sum + countOf(readFileSync(path)), 0),
    3 * entries,
  );
  const path = paths[0]!;
  const file = readFileSync(path);
  // Between the handles and the magic of the footer are zeros that nobody reads.
  const read = file.length - 48;
  for (let flip = 0; flip < 60; flip++) {
    const at = below(random, read);
    writeFileSync(path, flipped(file, at, below(random, 8)));
    if (!t.ok(isDamaged(path), `byte ${at}`)) break;
  }
  writeFileSync(path, file.subarray(0, file.length - 1));
  t.equal(await damagedTable(dir, { dataBytesMax: 0 }), path, "cut off");
  writeFileSync(path, file);
});

t.test("table file: damage to index and filter is seen without reading the data", async (t) => {
  const random = seeded(t);
  const dir = join(t.testdir(), "database");
  const paths = await makeTables(dir, random);
  const path = paths.at(-1)!;
  const file = readFileSync(path);
  let found = 0;
  for (let at = file.length - 49; at > file.length - 1_000; at -= 10) {
    writeFileSync(path, flipped(file, at, at % 8));
    if ((await damagedTable(dir, { dataBytesMax: 0 })) === path) found++;
    // Without its index, all data of a table is still found.
    t.equal(countOf(readFileSync(path)), countOf(file));
  }
  t.equal(found, 96);
  writeFileSync(path, flipped(file, 10, 0));
  t.equal(await damagedTable(dir, { dataBytesMax: 0 }), undefined);
  t.equal(await damagedTable(dir, { dataBytesMax: 1e9 }), path);
  t.equal(await damagedTable(dir, { dataBytesMax: 0, tablesMax: 1 }), undefined);
  t.equal(await damagedTable(dir, { dataBytesMax: file.length }), path, "the newest comes first");
  const nextNewest = { dataBytesMax: statSync(paths.at(-2)!).size, tablesSkipped: 1 };
  t.equal(await damagedTable(dir, nextNewest), undefined, "the next ones have their turn");
  const round = { dataBytesMax: file.length, tablesSkipped: paths.length };
  t.equal(await damagedTable(dir, round), path, "and then it again");
  const lost = countOf(file) - countOf(readFileSync(path));
  t.ok(lost > 0 && lost < 100, `${lost} entries share a block`);
});

t.test(
  "table file: what a manifest does not name, or cannot be read, is not looked at",
  async (t) => {
    const dir = join(t.testdir(), "database");
    t.equal(await damagedTable(dir, { dataBytesMax: 1 }), undefined, "no database");
    const paths = await makeTables(dir, () => 0.5);
    writeFileSync(join(dir, "999999.ldb"), "half written");
    t.same(liveTables(dir), paths);
    t.equal(await damagedTable(dir, { dataBytesMax: 1 }), undefined);
    const [manifest = ""] = readdirSync(dir).filter((name) => name.startsWith("MANIFEST"));
    writeFileSync(join(dir, manifest), flipped(readFileSync(join(dir, manifest)), 12, 0));
    t.same(liveTables(dir), []);
  },
);

t.test("table file: the newest comes last, also behind the millionth", async (t) => {
  const dir = t.testdir({ CURRENT: "MANIFEST-000001\n", "999999.ldb": "", "1000000.ldb": "" });
  // An edit that adds both: tag, level, number as a varint, size, and two empty keys.
  const added = [0xbf, 0xc0].map((low) => [7, 0, low, 0x84, 0x3d, 1, 0, 0]);
  const edit = Buffer.from([1, ...added.flat()]);
  const header = Buffer.alloc(6);
  header.writeUInt32LE(masked(crc32c(edit)));
  header.writeUInt16LE(edit.length - 1, 4);
  writeFileSync(join(dir, "MANIFEST-000001"), Buffer.concat([header, edit]));
  t.same(liveTables(dir), [join(dir, "999999.ldb"), join(dir, "1000000.ldb")]);
});
