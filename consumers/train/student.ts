import type { RunningScaler } from "../models/features/running-scaler.js";
import type { LabelledRows, Predictor, Rows } from "../models/learners/learner.js";
import type { BaselineRule } from "../models/metrics/baseline.js";
import type { Metrics } from "../models/metrics/metrics.js";
import type { Table } from "../plugin/table.js";

/** Rows as they come to be learnt: raw, labelled, with the event times and numbers that windows go by. */
export interface Lesson extends LabelledRows {
  /** ms since 1970. */
  readonly times: Float64Array;
  /** The number of the first row since the start. */
  readonly first: number;
}

/** What there is to publish. */
export interface Candidate {
  readonly predictor: Predictor;
  /** Between features and predictor; undefined: none. */
  readonly scaler: RunningScaler | undefined;
  /** Raw rows to compare the file's predictions on. */
  readonly heldBack: Rows;
  /** Over rows that were predicted before they were learnt. */
  readonly metrics: Metrics;
  readonly baseline: (Metrics & { readonly rule: BaselineRule }) | undefined;
  /** Rows that it has learnt from. */
  readonly rows: number;
}

/** Why there is nothing to publish. */
export interface NoCandidate {
  readonly reason: "too-few-rows" | "one-class";
  readonly message: string;
}

/** Learns from rows, one kind of way or the other. Everything it knows can be stored and taken up again. */
export interface Student {
  /** Rows that are to come together, or a multiple of them; fewer are left for later. */
  readonly stepRows: number;
  /** How many rows are best learnt at once. */
  readonly lessonRows: number;
  /** The number of the row from which on it learns: 0, or where it last began anew. */
  readonly since: number;
  /**
   * Learns rows, in order; returns what was said of each before it was learnt, row after row, or undefined while
   * nothing can be said.
   */
  learn(lesson: Lesson): Promise<Float64Array | undefined> | Float64Array | undefined;
  /** Only says, and learns nothing. */
  test(lesson: Lesson): Promise<Float64Array | undefined> | Float64Array | undefined;
  /** What can be published now. */
  candidate(): Promise<Candidate | NoCandidate> | Candidate | NoCandidate;
  /** Forgets the rows before number `first`: what they say is no longer so. */
  forget(first: number): Promise<void> | void;
  /** Puts what has changed since it was last asked. */
  save(table: Table<unknown>): void;
  close(): Promise<void> | void;
}
