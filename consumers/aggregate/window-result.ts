/** A stretch of event time, ms since 1970: `start` is in it, `end` is not. */
export interface Interval {
  readonly start: number;
  readonly end: number;
}

/**
 * Why a result is published: its window is not complete yet (`early`), it is as far as the watermark
 * tells (`on-time`), or an event came after that (`late`).
 */
export type Timing = "early" | "on-time" | "late";

/** What a window publishes: these, and beside them each accumulator's result under its name. */
export interface WindowResult {
  /** Absent in an aggregate without `key`. */
  readonly key?: string;
  readonly window: Interval;
  readonly timing: Timing;
  /** 0 for the first result of a window, 1 for the next, and so on: the highest one holds. */
  readonly revision: number;
  /** Sessions published before that this one took in: what was published for them no longer holds. */
  readonly replaces?: readonly Interval[];
  readonly [accumulator: string]: unknown;
}

/** The names that accumulators cannot have. */
export const resultNames: readonly string[] = ["key", "window", "timing", "revision", "replaces"];
