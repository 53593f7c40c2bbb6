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

/** One event in twenty is of the topic `rare`: few enough to be looked up in the index. */
export const isRare = (offset: number): boolean => offset % 20 === 0;
export const rareOnly = { patterns: ["rare"], wants: isRare } as const;

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
  /** Events that should have been served, and were neither served nor reported. */
  silent: number;
}

/**
 * Reads a whole log, going on behind every damage that it reports. Event n must say n. With patterns,
 * `wants` tells the offsets of the events that match.
 */
export async function survey(
  log: LevelLog,
  options: { patterns?: readonly string[]; wants?: (offset: number) => boolean } = {},
): Promise<Survey> {
  const { wants = () => true, ...range } = options;
  const found: Survey = { right: 0, wrong: 0, reported: 0, silent: 0 };
  const told = new Set<number>();
  let next = log.first;
  while (next < log.head) {
    try {
      const page = await log.read({ from: next, bytesMax: 100_000, ...range });
      for (const block of page.blocks)
        for (const [index, event] of block.parse().entries()) {
          told.add(block.offsetOf(index));
          if ((event as { msg: { n: number } }).msg.n === block.offsetOf(index)) found.right++;
          else found.wrong++;
        }
      next = page.next;
    } catch (error) {
      if (!isFedbusError(error, "LOG_CORRUPT")) throw error;
      const { from, to } = error.details as { from: number; to: number };
      if (!(from >= next && to > from)) throw error;
      found.reported += to - from;
      for (let offset = from; offset < to; offset++) told.add(offset);
      next = to;
    }
  }
  for (let offset = log.first; offset < log.head; offset++)
    if (wants(offset) && !told.has(offset)) found.silent++;
  return found;
}
