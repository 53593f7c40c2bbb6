import type { BusEvent } from "../../bus/index.js";
import type { Handlers } from "../plugin/consumer.js";
import type { Context } from "../plugin/context.js";
import { stateLimit } from "../plugin/state-limit.js";
import type { Table } from "../plugin/table.js";
import type { JoinPlan } from "./join-options.js";
import { emitOutputs } from "./output.js";
import { keptOf } from "./side.js";

/** Rows of a key that stand in one entry of a table: what a commit rewrites when one is added. */
const chunkRows = 64;

/** The newest rows of a key, and how many full chunks of older ones there are. */
interface Tail {
  chunks: number;
  rows: unknown[];
}

/**
 * Both sides are kept for good, and each new row is joined with all rows of the other side that have
 * its key: SQL's inner equi-join, kept up to date.
 */
export class UnboundedJoin implements Handlers {
  readonly #plan: JoinPlan;
  readonly #left = new RowLists("left");
  readonly #right = new RowLists("right");

  constructor(plan: JoinPlan) {
    this.#plan = plan;
  }

  handle(event: BusEvent, context: Context): void {
    const { sides, left, right, rowsMax, config } = this.#plan;
    const key = sides.keyOf(event, config);
    if (key === undefined) return;
    if (sides.onLeft) {
      const value = keptOf(left, event, config);
      this.#left.append(context, key, value, rowsMax);
      this.#joinAll(this.#right, key, value, true, context);
    }
    if (sides.onRight) {
      const value = keptOf(right, event, config);
      this.#right.append(context, key, value, rowsMax);
      this.#joinAll(this.#left, key, value, false, context);
    }
  }

  #joinAll(lists: RowLists, key: string, value: unknown, isLeft: boolean, context: Context): void {
    const tail = lists.tail(context, key);
    if (tail === undefined) return;
    for (let chunk = 0; chunk < tail.chunks; chunk++)
      this.#joinRows(lists.chunk(context, key, chunk), key, value, isLeft, context);
    this.#joinRows(tail.rows, key, value, isLeft, context);
  }

  #joinRows(
    rows: readonly unknown[],
    key: string,
    value: unknown,
    isLeft: boolean,
    context: Context,
  ): void {
    const { output } = this.#plan;
    for (const row of rows)
      emitOutputs(context, isLeft ? output(value, row, key) : output(row, value, key), key);
  }
}

/** The rows of one side by key, in the order in which they came. */
class RowLists {
  readonly #side: string;
  #tails: Table<Tail> | undefined;
  #chunks: Table<readonly unknown[]> | undefined;

  constructor(side: string) {
    this.#side = side;
  }

  tail(context: Context, key: string): Tail | undefined {
    this.#tails ??= context.table<Tail>(this.#side);
    return this.#tails.get(key);
  }

  chunk(context: Context, key: string, index: number): readonly unknown[] {
    this.#chunks ??= context.table<readonly unknown[]>(`${this.#side}-chunks`);
    return this.#chunks.get(`${index} ${key}`)!;
  }

  append(context: Context, key: string, value: unknown, rowsMax: number): void {
    const tail = this.tail(context, key);
    if (tail === undefined) {
      this.#tails!.put(key, { chunks: 0, rows: [value] });
      return;
    }
    const { chunks, rows } = tail;
    if (chunks * chunkRows + rows.length >= rowsMax)
      throw stateLimit(`${rowsMax} rows on the ${this.#side}`, key);
    if (rows.length === chunkRows) {
      this.#chunks ??= context.table(`${this.#side}-chunks`);
      this.#chunks.put(`${chunks} ${key}`, rows);
      this.#tails!.put(key, { chunks: chunks + 1, rows: [value] });
      return;
    }
    rows.push(value);
    this.#tails!.put(key, tail);
  }
}
