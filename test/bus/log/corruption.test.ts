import { cpSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { LevelLog } from "../../../bus/log/level/level-log.js";
import { repairLog, repairStages } from "../../../bus/log/level/repair-log.js";
import { draftOf } from "../../../bus/testing/drafts.js";
import { isFedbusError } from "../../../schemas/errors.js";
import { loops, patienceMs, seeded } from "../seed.js";
import { filesOf, flipBit, survey } from "./damage.js";

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

/** One event in twenty: few enough to be looked up in the index. */
const isRare = (offset: number): boolean => offset % 20 === 0;
const rareOnly = { patterns: ["rare"], wants: isRare } as const;

t.test("corruption: a flipped bit in a table is detected or harmless, never served", async (t) => {
  const base = t.testdir();
  const random = seeded(t);
  const whole = join(base, "whole");
  await makeLog(whole, true);
  const flips = loops("FEDBUS_FLIPS", 12);
  const counts = { detected: 0, harmless: 0, refusedAtOpen: 0, wrong: 0, silent: 0 };
  for (let flip = 0; flip < flips; flip++) {
    const dir = join(base, `flip-${flip}`);
    cpSync(whole, dir, { recursive: true });
    const files = filesOf(dir, "blocks", ".ldb");
    flipBit(files[Math.floor(random() * files.length)]!, random);
    let log = await openOr(dir);
    if (log === undefined) {
      counts.refusedAtOpen++;
      log = await openOr(dir, { acceptLoss: true });
    }
    if (log !== undefined) {
      const found = await survey(log);
      const rare = await survey(log, rareOnly);
      counts.wrong += found.wrong + rare.wrong;
      if (found.reported > 0) counts.detected++;
      else if (found.right === events) counts.harmless++;
      if (found.silent + rare.silent > 0 || log.head !== events) counts.silent++;
      await log.close();
    }
    rmSync(dir, { recursive: true });
  }
  t.equal(counts.wrong, 0);
  t.equal(counts.silent, 0);
  t.comment(`${flips} flips in tables: ${JSON.stringify(counts)}`);
});

t.test("corruption: a flipped bit in the write-ahead log is reported and repaired", async (t) => {
  const base = t.testdir();
  const random = seeded(t);
  const whole = join(base, "whole");
  await makeLog(whole, false);
  const flips = loops("FEDBUS_FLIPS", 12);
  const counts = { reported: 0, harmless: 0, silent: 0, wrong: 0, lost: 0 };
  for (let flip = 0; flip < flips; flip++) {
    const dir = join(base, `flip-${flip}`);
    cpSync(whole, dir, { recursive: true });
    flipBit(filesOf(dir, "blocks", ".log")[0]!, random);
    const log = await openOr(dir);
    if (log !== undefined) {
      const found = await survey(log);
      counts.wrong += found.wrong;
      if (found.right === events) counts.harmless++;
      else counts.silent++;
      await log.close();
    } else {
      counts.reported++;
      const { verified } = await repairLog(dir);
      await using repaired = await LevelLog.open(dir, options);
      const found = await survey(repaired);
      const rare = await survey(repaired, rareOnly);
      counts.wrong += found.wrong + rare.wrong;
      counts.lost += found.reported;
      if (found.silent + rare.silent > 0 || repaired.head !== events) counts.silent++;
      if (verified.events !== found.right) counts.silent++;
    }
    rmSync(dir, { recursive: true });
  }
  t.equal(counts.silent, 0);
  t.equal(counts.wrong, 0);
  t.ok(counts.reported > 0);
  const share = counts.lost / Math.max(1, counts.reported);
  t.comment(`${flips} flips in the write-ahead log: ${JSON.stringify(counts)}`);
  t.comment(`after repair ${share.toFixed(1)} of ${events} events are lost on average`);
});

t.test("corruption: a flipped bit in the index costs no event and no answer", async (t) => {
  const base = t.testdir();
  const random = seeded(t);
  const flips = loops("FEDBUS_FLIPS", 12);
  const counts = { tables: 0, log: 0, wrong: 0 };
  for (const inTables of [true, false]) {
    const whole = join(base, `whole-${inTables}`);
    await makeLog(whole, inTables);
    cpSync(whole, `${whole}-asked`, { recursive: true });
    const wanted = await answersOf(`${whole}-asked`);
    for (let flip = 0; flip < flips / 2; flip++) {
      const dir = join(base, `flip-${inTables}-${flip}`);
      cpSync(whole, dir, { recursive: true });
      const files = filesOf(dir, "index", inTables ? ".ldb" : ".log");
      flipBit(files[Math.floor(random() * files.length)]!, random);
      counts[inTables ? "tables" : "log"]++;
      const found = await answersOf(dir);
      if (JSON.stringify(found) !== JSON.stringify(wanted)) counts.wrong++;
      t.same(found, wanted);
      rmSync(dir, { recursive: true });
    }
  }
  t.equal(counts.wrong, 0);
  t.comment(`flips in the index: ${JSON.stringify(counts)}`);
});

/** What a log says that it needs its index for. */
async function answersOf(dir: string): Promise<object> {
  await using log = await LevelLog.open(dir, options);
  return {
    rare: await survey(log, rareOnly),
    topics: await log.topics(),
    producer: (await log.producer("p"))?.nextSeq,
    answers: (await log.producer("p"))?.answers.length,
    events: (await log.stats()).events,
    start: await log.offsetAtTime(0),
  };
}

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

async function openOr(
  dir: string,
  more: { acceptLoss?: boolean } = {},
): Promise<LevelLog | undefined> {
  try {
    return await LevelLog.open(dir, { ...options, ...more });
  } catch (error) {
    if (isFedbusError(error, "LOG_CORRUPT")) return undefined;
    throw error;
  }
}
