import type { Context } from "../plugin/context.js";
import { stateLimit } from "../plugin/state-limit.js";
import type { Table } from "../plugin/table.js";

/** A row that waits: its event time, its value, and 1 once it has joined with another (if that matters). */
export type Row = [time: number, value: unknown, matched?: 1];

/** The rows of one key in one span of event time, of the left side and of the right one. */
export interface Bucket {
  /** In order of time; those of the same time in the order in which they came. */
  readonly rows: readonly [left: Row[], right: Row[]];
  /** When its timer fires that counts. */
  due: number;
}

/**
 * Rows that wait, by span and key: so that what a commit rewrites, and what cleaning takes away, is one span
 * of one key. A bucket's id is its number, a space and its key.
 */
export class RowBuckets {
  readonly #bucketMs: number;
  #buckets: Table<Bucket> | undefined;

  constructor(bucketMs: number) {
    this.#bucketMs = bucketMs;
  }

  numberOf(time: number): number {
    return Math.floor(time / this.#bucketMs);
  }

  /** The first time that is past the bucket. */
  endOf(number: number): number {
    return (number + 1) * this.#bucketMs;
  }

  byId(context: Context, id: string): Bucket | undefined {
    return this.#in(context).get(id);
  }

  put(context: Context, id: string, bucket: Bucket): void {
    this.#in(context).put(id, bucket);
  }

  delete(context: Context, id: string): void {
    this.#in(context).delete(id);
  }

  #in(context: Context): Table<Bucket> {
    this.#buckets ??= context.table<Bucket>("rows");
    return this.#buckets;
  }
}

/** The place of the first row at `time` or later. */
export function firstFrom(rows: readonly Row[], time: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows[middle]![0] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Puts `row` in its place. Throws STATE_LIMIT if there are `rowsMax` already. */
export function addRow(rows: Row[], row: Row, rowsMax: number, side: string, key: string): void {
  if (rows.length >= rowsMax) throw stateLimit(`${rowsMax} rows on the ${side}`, key);
  const last = rows.at(-1);
  if (last === undefined || last[0] <= row[0]) rows.push(row);
  else rows.splice(firstFrom(rows, row[0] + 1), 0, row);
}
