import {
  cpSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { LevelLog } from "../../../bus/log/level/level-log.js";
import { repairLog, repairStages } from "../../../bus/log/level/repair-log.js";
import { draftOf } from "../../../bus/testing/drafts.js";
import { isFedbusError } from "../../../schemas/errors.js";
import { loops, patienceMs, seeded, seedOf } from "../seed.js";
import { filesOf, isRare, type Survey, survey } from "./damage.js";
import { type Aborted, type Flipped, flipAll } from "./flips.js";

const options = { ballastBytes: 0, recentBytesMax: 0 } as const;
const events = 6_000;

t.setTimeout(patienceMs);

/** A log of `events` events; those in the write-ahead log only, or all in tables. */
async function makeLog(dir: string, inTables: boolean): Promise<void> {
  const log = await LevelLog.open(dir, options);
  for (let at = 0; at < events; ) {
    const count = 1 + ((at * 7) % 50);
    const some = Array.from({ length: Math.min(count, events - at) }, (_, index) => at + index);
    const run = { id: "p", epoch: 1, seq: at, count: some.length, at: 0 };
    const named = some.map(
      (n) => [isRare(n) ? "rare" : "a.b", { n, text: "text ".repeat(n % 40) }] as const,
    );
    await log.append([draftOf(named, [run])]);
    at += some.length;
  }
  await log.close();
  // LevelDB moves what its write-ahead log holds into tables when it opens.
  if (inTables) await (await LevelLog.open(dir, options)).close();
}

function snapshotOf(dir: string): string[] {
  const names = readdirSync(join(dir, "blocks")).filter((name) => /\.(ldb|log)$/.test(name));
  return names.map((name) => `${name} ${statSync(join(dir, "blocks", name)).size}`).sort();
}

/** What LevelDB ended the process on is loud, but a repair must go through. */
function checkAborted(t: Test, aborted: readonly Aborted[]): void {
  const atRepair = aborted.filter(({ stage }) => stage === "repair");
  t.same(atRepair, [], "no repair is ended by LevelDB");
  t.comment(`${aborted.length} times LevelDB ended the process: ${JSON.stringify(aborted)}`);
}

/** Nothing wrong, and nothing left out in silence: before a repair and after it. */
function checkTold(t: Test, { flip, head, all, rare, repaired }: Flipped): void {
  const lines: [string, Survey | undefined][] = Object.entries({ all, rare, repaired });
  for (const [what, found] of lines)
    if (found !== undefined) t.same([found.wrong, found.silent], [0, 0], `flip ${flip}: ${what}`);
  t.ok(head === undefined || head === events, `flip ${flip}: the head stays`);
  t.equal(repaired.verified, repaired.right, `flip ${flip}: verified`);
}

t.test("corruption: a flipped bit in a table is detected or harmless, never served", async (t) => {
  const whole = join(t.testdir(), "whole");
  await makeLog(whole, true);
  const count = loops("FEDBUS_FLIPS", 6);
  const wanted = { database: "blocks", ending: ".ldb", seed: seedOf(t), count } as const;
  const { flipped, aborted } = await flipAll(whole, wanted);
  const counts = { detected: 0, harmless: 0, refused: 0, notOpened: 0 };
  for (const found of flipped) {
    checkTold(t, found);
    if (found.refused) counts.refused++;
    if (found.all === undefined) counts.notOpened++;
    else if (found.all.reported > 0) counts.detected++;
    else counts.harmless++;
  }
  t.equal(flipped.length + aborted.length, count + 1);
  const lost = flipped.reduce((sum, { repaired }) => sum + repaired.reported, 0);
  t.comment(`${count} flips in tables: ${JSON.stringify(counts)}`);
  t.comment(`after repair ${(lost / count).toFixed(1)} of ${events} events are lost on average`);
  checkAborted(t, aborted);
});

t.test(
  "corruption: a table whose index is damaged is named, and repair loses nothing",
  async (t) => {
    const dir = join(t.testdir(), "log");
    await makeLog(dir, true);
    const [path = ""] = filesOf(dir, "blocks", ".ldb");
    const bytes = readFileSync(path);
    // Somewhere in the table's index, which comes last but for 48 bytes of footer: LevelDB aborts on some.
    bytes[bytes.length - 400]! ^= 1;
    writeFileSync(path, bytes);
    await t.rejects(LevelLog.open(dir, options), { code: "LOG_CORRUPT", details: { path } });
    await t.rejects(LevelLog.open(dir, { ...options, acceptLoss: true }), { code: "LOG_CORRUPT" });
    const { damagedTables, lost, verified } = await repairLog(dir);
    t.same([damagedTables.length, lost, verified.events], [1, [], events]);
  },
);

t.test("corruption: after a second crash, damaged data is named as well", async (t) => {
  const dir = join(t.testdir(), "log");
  await makeLog(dir, true);
  const [path = ""] = filesOf(dir, "blocks", ".ldb");
  const whole = readFileSync(path);
  const bytes = Buffer.from(whole);
  bytes[100]! ^= 1;
  const file = join(dir, "log.json");
  const said = (): { crashes?: number } => JSON.parse(readFileSync(file, "utf8"));
  const crash = (crashes: number): void => {
    const owner = { pid: 2 ** 22 + 1, started: "" };
    writeFileSync(file, JSON.stringify({ ...said(), owner, crashes }));
  };
  crash(1);
  writeFileSync(path, bytes);
  await t.rejects(LevelLog.open(dir, options), { code: "LOG_CORRUPT", details: { path } });
  writeFileSync(path, whole);
  crash(0);
  for (const crashes of [1, 2, 3]) {
    const log = await LevelLog.open(dir, options);
    t.equal(said().crashes, crashes, "they are counted");
    await log.close();
    crash(crashes);
  }
  const clock = (): number => Date.now() + 700_000;
  const log = await LevelLog.open(dir, { ...options, clock });
  t.equal(said().crashes, 1, "one after a long time is the first");
  await log.close();
  t.equal(said().crashes, undefined, "an end that was clean starts anew");
});

t.test("corruption: a flipped bit in the write-ahead log is reported and repaired", async (t) => {
  const whole = join(t.testdir(), "whole");
  await makeLog(whole, false);
  const count = loops("FEDBUS_FLIPS", 6);
  const wanted = { database: "blocks", ending: ".log", seed: seedOf(t), count } as const;
  const { flipped, aborted } = await flipAll(whole, wanted);
  for (const found of flipped) checkTold(t, found);
  const reported = flipped.filter(({ refused }) => refused);
  t.ok(reported.length > 0);
  const lost = reported.reduce((sum, { repaired }) => sum + repaired.reported, 0);
  t.comment(`${count} flips in the write-ahead log, ${reported.length} reported`);
  t.comment(`after repair ${(lost / count).toFixed(1)} of ${events} events are lost on average`);
  checkAborted(t, aborted);
});

t.test("corruption: a flipped bit in the index costs no event and no answer", async (t) => {
  const base = t.testdir();
  const count = Math.ceil(loops("FEDBUS_FLIPS", 6) / 2);
  const seed = seedOf(t);
  for (const ending of [".ldb", ".log"] as const) {
    const whole = join(base, `whole${ending}`);
    await makeLog(whole, ending === ".ldb");
    const { flipped, aborted } = await flipAll(whole, { database: "index", ending, seed, count });
    const [untouched, ...others] = flipped.map(({ all, rare, answers }) => ({
      all,
      rare,
      answers,
    }));
    t.equal(untouched?.rare?.right, events / 20);
    for (const found of others) t.same(found, untouched);
    for (const { repaired } of flipped) t.same([repaired.right, repaired.silent], [events, 0]);
    t.comment(`${others.length} flips in the index's ${ending} files`);
    checkAborted(t, aborted);
  }
});

t.test("corruption: a tail that was cut off is noticed, whatever its length", async (t) => {
  const base = t.testdir();
  const random = seeded(t);
  const whole = join(base, "whole");
  await makeLog(whole, false);
  const cuts = loops("FEDBUS_CUTS", 8);
  let reported = 0;
  for (let index = 0; index < cuts; index++) {
    const dir = join(base, `cut-${index}`);
    cpSync(whole, dir, { recursive: true });
    const file = filesOf(dir, "blocks", ".log")[0]!;
    truncateSync(file, Math.floor(statSync(file).size * random()));
    try {
      await (await LevelLog.open(dir, options)).close();
    } catch (error) {
      if (!isFedbusError(error, "LOG_CORRUPT")) throw error;
      t.equal(error.details.to, events);
      reported++;
    }
    // Once accepted, the loss stays a hole, and the log goes on behind it.
    await using log = await LevelLog.open(dir, { ...options, acceptLoss: true });
    const [block] = await log.append([draftOf([["a.b", { n: events }]])]);
    t.equal(block?.firstOffset, events);
    const found = await survey(log);
    t.same([found.wrong, found.right + found.reported], [0, events + 1]);
    rmSync(dir, { recursive: true });
  }
  t.equal(reported, cuts);
  t.comment(`${cuts} cuts, ${reported} reported`);
});

t.test(
  "corruption: without CURRENT or MANIFEST nothing is deleted, and repair gets all",
  async (t) => {
    const base = t.testdir();
    const whole = join(base, "whole");
    await makeLog(whole, true);
    for (const lost of [/^CURRENT$/, /^MANIFEST/]) {
      const dir = join(base, `without-${lost.source.replace(/\W/g, "")}`);
      cpSync(whole, dir, { recursive: true });
      for (const name of readdirSync(join(dir, "blocks")))
        if (lost.test(name)) rmSync(join(dir, "blocks", name));
      const before = snapshotOf(dir);
      await t.rejects(LevelLog.open(dir, options), { code: "LOG_CORRUPT" });
      t.same(snapshotOf(dir), before);
      const report = await repairLog(dir);
      t.same([report.verified.events, report.verified.damaged, report.lost], [events, [], []]);
      await using log = await LevelLog.open(dir, options);
      t.same(await survey(log), { right: events, wrong: 0, reported: 0, silent: 0 });
      t.comment(`without ${lost.source}: ${report.verified.events} of ${events} events recovered`);
    }
  },
);

t.test("corruption: without log.json nothing is made anew, and repair gets all", async (t) => {
  const dir = join(t.testdir(), "log");
  await makeLog(dir, true);
  const { logId } = JSON.parse(readFileSync(join(dir, "log.json"), "utf8"));
  rmSync(join(dir, "log.json"));
  const before = snapshotOf(dir);
  await t.rejects(LevelLog.open(dir, options), { code: "LOG_CORRUPT" });
  t.same(snapshotOf(dir), before);
  const stages: string[] = [];
  const report = await repairLog(dir, { logId, onProgress: ({ stage }) => stages.push(stage) });
  t.same([...new Set(stages)], repairStages, "each stage is told");
  t.same([report.logId, report.remade, report.verified.events], [logId, true, events]);
  await using log = await LevelLog.open(dir, options);
  t.same(await survey(log), { right: events, wrong: 0, reported: 0, silent: 0 });
});

t.test("corruption: repair without a log, or with an owner, is refused", async (t) => {
  const base = t.testdir();
  await t.rejects(repairLog(join(base, "none")), { code: "LOG_NOT_FOUND" });
  await using log = await LevelLog.open(join(base, "log"), options);
  t.equal(log.head, 0);
  await t.rejects(repairLog(join(base, "log")), { code: "LOG_IN_USE" });
});
