import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { Batch } from "../../../bus/publisher/batch.js";
import { Spool } from "../../../bus/publisher/spool.js";
import { batchOf } from "../batches.js";
import { below, loops, seeded } from "../seed.js";

/** Flips a bit in one of the database's files of that kind, not in what was written last. */
function flipIn(dir: string, ending: string, random: () => number): void {
  const names = readdirSync(dir).filter((name) => name.endsWith(ending));
  const files = names.map((name) => join(dir, name));
  const path = files.find((file) => readFileSync(file).length > 1_000)!;
  const bytes = readFileSync(path);
  bytes[below(random, bytes.length - 500)]! ^= 1 << below(random, 8);
  writeFileSync(path, bytes);
}

for (const [ending, opened] of [
  [".log", 0],
  [".ldb", 1],
] as const)
  t.test(`spool: one with a flipped bit in ${ending} is refused, and sends no part`, async (t) => {
    const random = seeded(t);
    const whole = join(t.testdir(), "whole");
    const spool = await Spool.open(whole);
    for (let seq = 0; seq < 200; seq += 5) await spool.put([Batch.spooled(seq, 5, batchOf(5))]);
    await spool.close();
    // Opening moves what is in the write-ahead log into a table.
    for (let again = 0; again < opened; again++) await (await Spool.open(whole)).close();
    for (let flip = 0; flip < loops("FEDBUS_STORE_FLIPS", 20); flip++) {
      const dir = `${whole}-${flip}`;
      cpSync(whole, dir, { recursive: true });
      flipIn(dir, ending, random);
      await t.rejects(Spool.open(dir), { code: "LOG_CORRUPT" });
    }
    const after = await Spool.open(whole);
    t.equal(after.left.length, 40);
    await after.close();
  });
