import type { BusEvent } from "../../bus/index.js";
import type { Handlers } from "../plugin/consumer.js";
import type { Context } from "../plugin/context.js";
import type { Timer } from "../plugin/timers.js";
import type { JoinInterval, JoinPlan } from "./join-options.js";
import { emitOutputs } from "./output.js";
import { addRow, firstFrom, type Row, RowBuckets } from "./row-buckets.js";
import { keptOf } from "./side.js";

/** What the two sides differ in. */
interface Half {
  readonly name: "left" | "right";
  readonly rows: RowBuckets;
  /** A row at `time` joins rows of the other side from `time - beforeMs` to `time + afterMs`. */
  readonly beforeMs: number;
  readonly afterMs: number;
  /** Whether a row that joined with nothing is put out alone. */
  readonly alone: boolean;
  /** What the keys of this side's timers begin with: rows alone come before buckets are cleaned. */
  readonly aloneTimer: string;
  readonly cleanTimer: string;
}

/**
 * Joins rows of two streams whose event times are no further apart than an interval. A row waits
 * until the watermark has passed all that it could join with, and is then forgotten.
 */
export class IntervalJoin implements Handlers {
  readonly #plan: JoinPlan;
  readonly #left: Half;
  readonly #right: Half;

  constructor(plan: JoinPlan, within: JoinInterval) {
    this.#plan = plan;
    const { beforeMs, afterMs } = within;
    const bucketMs = beforeMs + afterMs + 1;
    const { type } = plan;
    this.#left = {
      name: "left",
      rows: new RowBuckets("left", bucketMs),
      ...{ beforeMs, afterMs, alone: type !== "inner" },
      ...{ aloneTimer: "a0", cleanTimer: "c0" },
    };
    this.#right = {
      name: "right",
      rows: new RowBuckets("right", bucketMs),
      ...{ beforeMs: afterMs, afterMs: beforeMs, alone: type === "outer" },
      ...{ aloneTimer: "a1", cleanTimer: "c1" },
    };
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
    if (onLeft)
      this.#take(this.#left, this.#right, time, key, keptOf(left, event, config), context);
    if (onRight)
      this.#take(this.#right, this.#left, time, key, keptOf(right, event, config), context);
  }

  timer({ at, key: name }: Timer, context: Context): void {
    const half = name[1] === "0" ? this.#left : this.#right;
    const key = name.slice(2);
    const time = at - 1 - half.afterMs;
    if (name[0] === "c") half.rows.delete(context, half.rows.bucketOf(time), key);
    else this.#putOutAlone(half, time, key, context);
  }

  #take(
    half: Half,
    other: Half,
    time: number,
    key: string | undefined,
    value: unknown,
    context: Context,
  ): void {
    const matched = key !== undefined && this.#probe(half, other, time, key, value, context);
    if (key !== undefined && time + half.afterMs >= context.timers.watermark)
      this.#keep(half, time, key, value, matched, context);
    else if (!matched && half.alone) this.#emitAlone(half, value, key, context);
  }

  /** Joins a row with the other side's. Tells whether there were any. */
  #probe(
    half: Half,
    other: Half,
    time: number,
    key: string,
    value: unknown,
    context: Context,
  ): boolean {
    const from = time - half.beforeMs;
    const to = time + half.afterMs;
    const bucketTo = other.rows.bucketOf(to);
    let matched = false;
    for (let bucket = other.rows.bucketOf(from); bucket <= bucketTo; bucket++) {
      const rows = other.rows.get(context, bucket, key);
      if (rows === undefined) continue;
      let noted = false;
      for (let index = firstFrom(rows, from); index < rows.length; index++) {
        const row = rows[index]!;
        if (row[0] > to) break;
        matched = true;
        if (other.alone && row.length === 2) noted = row.push(1) > 0;
        this.#emit(half, value, row[1], key, context);
      }
      if (noted) other.rows.put(context, bucket, key, rows);
    }
    return matched;
  }

  #keep(
    half: Half,
    time: number,
    key: string,
    value: unknown,
    matched: boolean,
    context: Context,
  ): void {
    const { rows, alone } = half;
    const bucket = rows.bucketOf(time);
    const row: Row = alone && matched ? [time, value, 1] : [time, value];
    const held = rows.get(context, bucket, key);
    if (held === undefined)
      context.timers.set("event", rows.endOf(bucket) + half.afterMs, half.cleanTimer + key);
    rows.put(context, bucket, key, addRow(held, row, this.#plan.rowsMax, half.name, key));
    if (alone && !matched)
      context.timers.set("event", time + half.afterMs + 1, half.aloneTimer + key);
  }

  #putOutAlone(half: Half, time: number, key: string, context: Context): void {
    const rows = half.rows.get(context, half.rows.bucketOf(time), key) ?? [];
    for (let index = firstFrom(rows, time); index < rows.length; index++) {
      const row = rows[index]!;
      if (row[0] !== time) break;
      if (row.length === 2) this.#emitAlone(half, row[1], key, context);
    }
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
