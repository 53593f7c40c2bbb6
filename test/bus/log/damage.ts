import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LevelLog } from "../../../bus/log/level/level-log.js";
import { isFedbusError } from "../../../schemas/errors.js";

/** The files of one database whose names end so, that have something in them. */
export function filesOf(dir: string, database: "blocks" | "index", ending: string): string[] {
  return readdirSync(join(dir, database))
    .filter((name) => name.endsWith(ending))
    .map((name) => join(dir, database, name))
    .filter((path) => statSync(path).size > 0);
}

/** Turns one bit of the file over. */
export function flipBit(path: string, random: () => number): void {
  const bytes = readFileSync(path);
  const at = Math.floor(random() * bytes.length);
  bytes[at] = bytes[at]! ^ (1 << Math.floor(random() * 8));
  writeFileSync(path, bytes);
}

export interface Survey {
  /** Events that were served and are what was published. */
  right: number;
  /** Events that were served and are not. */
  wrong: number;
  /** Offsets that LOG_CORRUPT named. */
  reported: number;
}

/** Reads a whole log, going on behind every damage that it reports. Event n must say n. */
export async function survey(
  log: LevelLog,
  options: { patterns?: readonly string[] } = {},
): Promise<Survey> {
  const found: Survey = { right: 0, wrong: 0, reported: 0 };
  let next = log.first;
  while (next < log.head) {
    try {
      const page = await log.read({ from: next, bytesMax: 100_000, ...options });
      for (const block of page.blocks)
        for (const [index, event] of block.parse().entries())
          if ((event as { msg: { n: number } }).msg.n === block.offsetOf(index)) found.right++;
          else found.wrong++;
      next = page.next;
    } catch (error) {
      if (!isFedbusError(error, "LOG_CORRUPT")) throw error;
      const { from, to } = error.details as { from: number; to: number };
      if (!(from >= next && to > from)) throw error;
      found.reported += to - from;
      next = to;
    }
  }
  return found;
}
