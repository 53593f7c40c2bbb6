import type { BusEvent } from "../../bus/index.js";
import type { Handlers } from "../plugin/consumer.js";
import type { Context } from "../plugin/context.js";
import type { Timer } from "../plugin/timers.js";
import type { JoinInterval, JoinPlan } from "./join-options.js";
import { emitOutputs } from "./output.js";
import { addRow, type Bucket, firstFrom, type Row, RowBuckets } from "./row-buckets.js";
import { keptOf } from "./side.js";

/** What the two sides differ in. */
interface Half {
  readonly name: "left" | "right";
  /** Its place in a bucket. */
  readonly index: 0 | 1;
  /** A row at `time` joins rows of the other side from `time - beforeMs` to `time + afterMs`. */
  readonly beforeMs: number;
  readonly afterMs: number;
  /** Whether a row that joined with nothing is put out alone. */
  readonly alone: boolean;
}

/**
 * Joins rows of two streams whose event times are no further apart than an interval. A row waits
 * until the watermark has passed all that it could join with, and is then forgotten. Each bucket has one
 * timer that counts: for the first row in it that may have to be put out alone, or for its end.
 */
export class IntervalJoin implements Handlers {
  readonly #plan: JoinPlan;
  readonly #buckets: RowBuckets;
  readonly #left: Half;
  readonly #right: Half;
  /** How long after the end of a bucket rows may still join with its own. */
  readonly #restMs: number;

  constructor(plan: JoinPlan, within: JoinInterval) {
    this.#plan = plan;
    const { beforeMs, afterMs } = within;
    const { type } = plan;
    this.#buckets = new RowBuckets(beforeMs + afterMs + 1);
    this.#left = { name: "left", index: 0, beforeMs, afterMs, alone: type !== "inner" };
    const turned = { beforeMs: afterMs, afterMs: beforeMs };
    this.#right = { name: "right", index: 1, ...turned, alone: type === "outer" };
    this.#restMs = Math.max(beforeMs, afterMs);
  }

  handle(event: BusEvent, context: Context): void {
    const { sides, left, right, config } = this.#plan;
    const key = sides.keyOf(event, config);
    const { onLeft, onRight } = sides;
    if (!onLeft && !onRight) return;
    const time = this.#plan.timeOf(event);
    if (time < context.timers.watermark) {
      this.#late(event, time, context);
      return;
    }
    if (onLeft) this.#take(this.#left, time, key, keptOf(left, event, config), context);
    if (onRight) this.#take(this.#right, time, key, keptOf(right, event, config), context);
  }

  timer({ at, key: id }: Timer, context: Context): void {
    const bucket = this.#buckets.byId(context, id);
    // A timer that was set for a row which came after an earlier one's.
    if (bucket === undefined || bucket.due !== at) return;
    const key = id.slice(id.indexOf(" ") + 1);
    for (const half of [this.#left, this.#right]) this.#forget(half, bucket, at, key, context);
    if (bucket.rows[0].length + bucket.rows[1].length === 0) {
      this.#buckets.delete(context, id);
      return;
    }
    bucket.due = this.#dueOf(bucket, Number(id.slice(0, id.indexOf(" "))));
    context.timers.set("event", bucket.due, id);
    this.#buckets.put(context, id, bucket);
  }

  #take(half: Half, time: number, key: string | undefined, value: unknown, context: Context): void {
    const matched = key !== undefined && this.#probe(half, time, key, value, context);
    if (key !== undefined && time + half.afterMs >= context.timers.watermark)
      this.#keep(half, time, key, matched ? [time, value, 1] : [time, value], context);
    else if (!matched && half.alone) this.#emitAlone(half, value, key, context);
  }

  /** Joins a row with the other side's. Tells whether there were any. */
  #probe(half: Half, time: number, key: string, value: unknown, context: Context): boolean {
    const other = half === this.#left ? this.#right : this.#left;
    const from = time - half.beforeMs;
    const to = time + half.afterMs;
    const last = this.#buckets.numberOf(to);
    let matched = false;
    for (let number = this.#buckets.numberOf(from); number <= last; number++) {
      const id = `${number} ${key}`;
      const bucket = this.#buckets.byId(context, id);
      if (bucket === undefined) continue;
      const rows = bucket.rows[other.index];
      let noted = false;
      for (let index = firstFrom(rows, from); index < rows.length; index++) {
        const row = rows[index]!;
        if (row[0] > to) break;
        matched = true;
        if (other.alone && row.length === 2) noted = row.push(1) > 0;
        this.#emit(half, value, row[1], key, context);
      }
      if (noted) this.#buckets.put(context, id, bucket);
    }
    return matched;
  }

  #keep(half: Half, time: number, key: string, row: Row, context: Context): void {
    const number = this.#buckets.numberOf(time);
    const id = `${number} ${key}`;
    const held = this.#buckets.byId(context, id);
    const bucket: Bucket = held ?? { rows: [[], []], due: Number.POSITIVE_INFINITY };
    // Only a side whose rows may have to be put out alone remembers which have joined.
    if (!half.alone) row.length = 2;
    addRow(bucket.rows[half.index], row, this.#plan.rowsMax, half.name, key);
    const due = half.alone && row.length === 2 ? time + half.afterMs + 1 : this.#endOf(number);
    if (due < bucket.due) {
      bucket.due = due;
      context.timers.set("event", due, id);
    }
    this.#buckets.put(context, id, bucket);
  }

  /** Takes away the rows that nothing can join any more at `at`, and puts out those that nothing did. */
  #forget(half: Half, bucket: Bucket, at: number, key: string, context: Context): void {
    const rows = bucket.rows[half.index];
    const gone = rows.splice(0, firstFrom(rows, at - half.afterMs));
    if (!half.alone) return;
    for (const row of gone) if (row.length === 2) this.#emitAlone(half, row[1], key, context);
  }

  #dueOf({ rows }: Bucket, number: number): number {
    let due = this.#endOf(number);
    for (const { alone, index, afterMs } of [this.#left, this.#right]) {
      const first = alone ? rows[index].find((row) => row.length === 2) : undefined;
      if (first !== undefined) due = Math.min(due, first[0] + afterMs + 1);
    }
    return due;
  }

  /** When nothing can join any row of a bucket any more. */
  #endOf(number: number): number {
    return this.#buckets.endOf(number) + this.#restMs;
  }

  #emit(half: Half, value: unknown, other: unknown, key: string, context: Context): void {
    const { output } = this.#plan;
    const isLeft = half === this.#left;
    emitOutputs(context, isLeft ? output(value, other, key) : output(other, value, key), key);
  }

  #emitAlone(half: Half, value: unknown, key: string | undefined, context: Context): void {
    const { output } = this.#plan;
    const isLeft = half === this.#left;
    emitOutputs(
      context,
      isLeft ? output(value, undefined, key) : output(undefined, value, key),
      key,
    );
  }

  #late(event: BusEvent, time: number, context: Context): void {
    const { lateTopic } = this.#plan;
    if (lateTopic === undefined) return;
    const { offset, topic, msg } = event;
    context.emit(lateTopic, { offset, topic, time, watermark: context.timers.watermark, msg });
  }
}
