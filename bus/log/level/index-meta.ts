import type { Database } from "../../storage/database.js";
import { type OffsetRange, splitRange } from "../offset-ranges.js";
import { IndexDamaged } from "./index-values.js";

/** How this code lays the index out. One of another layout is made anew. */
export const indexLayout = 2;

/** Sums over the totals of all topics: with an entry missing, or one of an older state, they differ. */
export interface TopicSums {
  readonly topics: number;
  readonly events: number;
  readonly ever: number;
}

/** The same for what is kept of producers. Epochs are summed modulo 2^52. */
export interface ProducerSums {
  readonly producers: number;
  readonly sequences: number;
  readonly epochs: number;
}

/** How far the index goes, and what the blocks up to there hold. */
export interface IndexMeta {
  readonly layout: number;
  readonly logId: string;
  /** Offset after the last block that was taken in, or after what is missing behind it. */
  readonly applied: number;
  /** Chain hash of that block, in hex. */
  readonly hash: string;
  readonly blocks: number;
  readonly events: number;
  readonly bytes: number;
  /** What could not be read when it was to be taken in, in order. */
  readonly gaps: readonly OffsetRange[];
  readonly topicSums: TopicSums;
  readonly producerSums: ProducerSums;
  /** Blocks are being rewritten: after a crash, entries cannot be trusted. */
  readonly rewriting?: boolean;
}

export function emptyMeta(logId: string): IndexMeta {
  return {
    layout: indexLayout,
    logId,
    applied: 0,
    hash: "",
    blocks: 0,
    events: 0,
    bytes: 0,
    gaps: [],
    topicSums: { topics: 0, events: 0, ever: 0 },
    producerSums: { producers: 0, sequences: 0, epochs: 0 },
  };
}

/** Throws IndexDamaged unless the index can be used for the log. */
export function checkMeta(meta: IndexMeta, logId: string): void {
  if (meta.layout !== indexLayout) throw new IndexDamaged("the index is laid out otherwise");
  if (meta.logId !== logId) throw new IndexDamaged("the index is another log's");
  if (meta.rewriting === true) throw new IndexDamaged("retention was cut off");
}

/** Throws IndexDamaged if something is there although no place says how far it goes: it would be counted twice. */
export async function checkEmpty(database: Database): Promise<void> {
  const cursor = database.iterator({});
  try {
    if ((await cursor.nextv(1)).length > 0) throw new IndexDamaged("how far it goes is missing");
  } finally {
    await cursor.close();
  }
}

/** Throws IndexDamaged unless what was found sums up to what should be there. */
export function checkSums<Sums extends object>(found: Sums, expected: Sums, of: string): void {
  for (const [name, sum] of Object.entries(expected))
    if (found[name as keyof Sums] !== sum) throw new IndexDamaged(`entries of ${of} are missing`);
}

/** Whether every offset of the range is known to be missing. */
export function isGap(gaps: readonly OffsetRange[], from: number, to: number): boolean {
  return from >= to || splitRange({ from, to }, gaps).outside.length === 0;
}
