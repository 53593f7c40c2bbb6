import type { Context } from "../plugin/context.js";
import { stateLimit } from "../plugin/state-limit.js";
import type { Table } from "../plugin/table.js";

/** A row that waits: its event time, its value, and 1 once it has joined with another (if that matters). */
export type Row = [time: number, value: unknown, matched?: 1];

/**
 * The rows of one side, by key and by a span of event time: so that what a commit rewrites, and what
 * cleaning takes away, is one span of one key.
 */
export class RowBuckets {
  readonly #table: string;
  readonly #bucketMs: number;
  #rows: Table<Row[]> | undefined;

  constructor(table: string, bucketMs: number) {
    this.#table = table;
    this.#bucketMs = bucketMs;
  }

  bucketOf(time: number): number {
    return Math.floor(time / this.#bucketMs);
  }

  /** The first time that is past the bucket. */
  endOf(bucket: number): number {
    return (bucket + 1) * this.#bucketMs;
  }

  /** In order of time; those of the same time in the order in which they came. */
  get(context: Context, bucket: number, key: string): Row[] | undefined {
    this.#rows ??= context.table<Row[]>(this.#table);
    return this.#rows.get(`${bucket} ${key}`);
  }

  put(context: Context, bucket: number, key: string, rows: Row[]): void {
    this.#rows ??= context.table<Row[]>(this.#table);
    this.#rows.put(`${bucket} ${key}`, rows);
  }

  delete(context: Context, bucket: number, key: string): void {
    this.#rows ??= context.table<Row[]>(this.#table);
    this.#rows.delete(`${bucket} ${key}`);
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

/** `rows` with `row` in its place, changed itself. Throws STATE_LIMIT if it holds `rowsMax`. */
export function addRow(
  rows: Row[] | undefined,
  row: Row,
  rowsMax: number,
  side: string,
  key: string,
): Row[] {
  if (rows === undefined) return [row];
  if (rows.length >= rowsMax) throw stateLimit(`${rowsMax} rows on the ${side}`, key);
  if (rows.at(-1)![0] <= row[0]) rows.push(row);
  else rows.splice(firstFrom(rows, row[0] + 1), 0, row);
  return rows;
}
