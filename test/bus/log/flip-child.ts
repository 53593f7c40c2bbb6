// Flips bits in copies of a log, one after the other, and says what becomes of each: in a process of its
// own, because LevelDB ends the process (SIGABRT) on some damage.
// Usage: node flip-child.js LOG DATABASE ENDING SEED FROM TO
import { cpSync, rmSync, writeSync } from "node:fs";
import { LevelLog } from "../../../bus/log/level/level-log.js";
import { repairLog } from "../../../bus/log/level/repair-log.js";
import { isFedbusError } from "../../../schemas/errors.js";
import { filesOf, flipBit, rareOnly, type Survey, survey } from "./damage.js";
import type { Flipped } from "./flips.js";
import { numberFrom } from "./random.js";

const [, , whole = "", database = "blocks", ending = "", seed = "1", from = "0", to = "0"] =
  process.argv;
const options = { ballastBytes: 0, recentBytesMax: 0 } as const;

/** At once: what was said before an abort counts. */
function say(line: object): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}

async function openOr(dir: string, acceptLoss: boolean): Promise<LevelLog | undefined> {
  try {
    return await LevelLog.open(dir, { ...options, acceptLoss, create: false });
  } catch (error) {
    if (isFedbusError(error, "LOG_CORRUPT")) return undefined;
    throw error;
  }
}

/** All that is asked of a log, its index included. */
async function look(log: LevelLog): Promise<Pick<Flipped, "all" | "rare" | "answers">> {
  const all = await survey(log);
  const rare = await survey(log, rareOnly);
  const producer = await log.producer("p");
  const answers = {
    topics: await log.topics(),
    nextSeq: producer?.nextSeq,
    answers: producer?.answers.length,
    events: (await log.stats()).events,
    start: await log.offsetAtTime(0),
  };
  return { all, rare, answers };
}

async function repaired(dir: string): Promise<Survey & { readonly verified: number }> {
  const { verified } = await repairLog(dir);
  await using log = await LevelLog.open(dir, options);
  const all = await survey(log);
  const { wrong, silent } = await survey(log, rareOnly);
  const sum = { wrong: all.wrong + wrong, silent: all.silent + silent };
  return { ...all, ...sum, verified: verified.events };
}

async function examine(flip: number, dir: string): Promise<Flipped> {
  say({ flip, stage: "open" });
  const opened = await openOr(dir, false);
  const log = opened ?? (await openOr(dir, true));
  say({ flip, stage: "read" });
  const found = log === undefined ? {} : await look(log);
  const head = log?.head;
  await log?.close();
  say({ flip, stage: "repair" });
  const report = await repaired(dir);
  return { flip, refused: opened === undefined, head, ...found, repaired: report };
}

for (let flip = Number(from); flip < Number(to); flip++) {
  const dir = `${whole}-flip-${flip}`;
  cpSync(whole, dir, { recursive: true });
  const random = numberFrom(Number(seed) + flip * 7_919);
  const files = filesOf(dir, database as "blocks" | "index", ending);
  // Before the first comes one of a whole log.
  if (flip >= 0) flipBit(files[Math.floor(random() * files.length)]!, random);
  say(await examine(flip, dir));
  rmSync(dir, { recursive: true });
}
