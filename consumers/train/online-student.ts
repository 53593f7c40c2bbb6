import { RunningScaler } from "../models/features/running-scaler.js";
import type { LabelledRows, OnlineKind, OnlineLearner, Shape } from "../models/learners/learner.js";
import { decodeState, encodeState, type StoredState } from "../models/learners/state-codec.js";
import type { Prequential } from "../models/metrics/prequential.js";
import { RowRing } from "../models/rows/row-ring.js";
import type { Table } from "../plugin/table.js";
import type { Candidate, Lesson, NoCandidate, Student } from "./student.js";

/** Rows that the file's predictions are compared on: the last ones. */
const recentRows = 512;
/** Rows of a lesson, about: several steps of a graph at once are faster than one by one. */
const lessonRowsWanted = { manySteps: 1_024, oneByOne: 64 } as const;

const learnerKey = "learner";
const scalerKey = "scaler";
const progressKey = "progress";
const ringName = "recent";

/** How far a learner has come, as JSON. */
interface Progress {
  /** The number of the first row since it last began anew. */
  readonly since: number;
  /** Rows that it has learnt from since then. */
  readonly learnt: number;
}

export interface OnlineParts {
  readonly kind: OnlineKind<object>;
  readonly shape: Shape;
  readonly hyper: object;
  /** By column, whether it is standardised whatever the kind. */
  readonly scaled: readonly boolean[];
  readonly prequential: Prequential;
  /** Where rows and learner lie. */
  readonly table: Table<unknown>;
}

/** Has rows learnt by a learner that takes them as they come. */
export class OnlineStudent implements Student {
  readonly #parts: OnlineParts;
  readonly #recent: RowRing;
  #learner: OnlineLearner;
  #scaler: RunningScaler | undefined;
  #rows: number;
  #progress: Progress;
  #isChanged = false;
  /** Scaled rows of a lesson, and one row of it. */
  #scaledRows = new Float64Array(0);
  readonly #one: {
    width: number;
    count: 1;
    values: Float64Array;
    labels: Float64Array;
    weights: Float64Array;
  };

  private constructor(parts: OnlineParts, learner: OnlineLearner, rows: number) {
    const { width } = parts.shape;
    this.#parts = parts;
    this.#learner = learner;
    this.#rows = rows;
    const progress = rows === 0 ? undefined : parts.table.get(progressKey);
    this.#progress = (progress as Progress | undefined) ?? { since: 0, learnt: 0 };
    this.#recent = new RowRing(recentRows, width);
    this.#recent.restore(parts.table as Table<string>, ringName, rows);
    const stored = rows === 0 ? undefined : (parts.table.get(scalerKey) as StoredState | undefined);
    this.#scaler = scalerOf(parts, stored);
    const [labels, weights] = [new Float64Array(1), new Float64Array(1)];
    this.#one = { width, count: 1, values: new Float64Array(width), labels, weights };
  }

  /** `rows`: how many it has learnt already, and stored. */
  static async open(parts: OnlineParts, rows: number): Promise<OnlineStudent> {
    const { kind, shape, hyper, table } = parts;
    const stored = rows === 0 ? undefined : (table.get(learnerKey) as StoredState | undefined);
    const learner = await (stored === undefined
      ? kind.open(shape, hyper)
      : kind.open(shape, hyper, decodeState(stored)));
    return new OnlineStudent(parts, learner, rows);
  }

  get stepRows(): number {
    return this.#learner.stepRows;
  }

  get lessonRows(): number {
    const { stepRows, learnMany } = this.#learner;
    const wanted = learnMany === undefined ? lessonRowsWanted.oneByOne : lessonRowsWanted.manySteps;
    return stepRows * Math.max(1, Math.floor(wanted / stepRows));
  }

  get since(): number {
    return this.#progress.since;
  }

  learn(lesson: Lesson): Promise<Float64Array> | Float64Array {
    const { since, learnt } = this.#progress;
    if (lesson.first === since) this.#parts.prequential.beginWindow();
    this.#progress = { since, learnt: learnt + countOf(lesson.weights) };
    this.#isChanged = true;
    this.#remember(lesson);
    const rows = this.#standardised(lesson, true);
    return this.#learner.stepRows === 1 && this.#learner.learnMany === undefined
      ? this.#oneByOne(rows)
      : this.#inSteps(rows);
  }

  test(lesson: Lesson): Promise<Float64Array> | Float64Array {
    this.#isChanged = true;
    this.#remember(lesson);
    return this.#learner.predict(this.#standardised(lesson, false));
  }

  candidate(): Candidate | NoCandidate {
    const { window, baseline } = this.#parts.prequential.report();
    const { width } = this.#parts.shape;
    const count = Math.min(this.#rows, recentRows);
    return {
      predictor: this.#learner,
      scaler: this.#scaler,
      heldBack: { width, count, values: this.#recent.values.slice(0, count * width) },
      metrics: window,
      baseline: baseline && { rule: baseline.rule, ...baseline.window },
      rows: this.#progress.learnt,
    };
  }

  /** What was learnt cannot be taken back in part: it begins anew. */
  async forget(): Promise<void> {
    const { kind, shape, hyper } = this.#parts;
    await this.#learner.close?.();
    this.#learner = await kind.open(shape, hyper);
    this.#scaler = scalerOf(this.#parts);
    this.#progress = { since: this.#rows, learnt: 0 };
    this.#isChanged = true;
  }

  save(table: Table<unknown>): void {
    if (!this.#isChanged) return;
    this.#isChanged = false;
    table.put(learnerKey, encodeState(this.#learner.save()));
    if (this.#scaler !== undefined) table.put(scalerKey, encodeState(this.#scaler.save()));
    this.#recent.save(table as Table<string>, ringName);
    table.put(progressKey, this.#progress);
  }

  async close(): Promise<void> {
    await this.#learner.close?.();
  }

  #remember({ values, count, width, first }: Lesson): void {
    this.#rows = first + count;
    for (let row = Math.max(0, count - recentRows); row < count; row++) {
      const at = this.#recent.take((first + row) % recentRows);
      for (let column = 0; column < width; column++)
        this.#recent.values[at + column] = values[row * width + column]!;
    }
  }

  /** Each row by the statistics of those up to it, or of those that were learnt. */
  #standardised(lesson: Lesson, observes: boolean): LabelledRows {
    const scaler = this.#scaler;
    const { values, count, width } = lesson;
    if (scaler === undefined) return lesson;
    if (this.#scaledRows.length < values.length) this.#scaledRows = new Float64Array(values.length);
    const scaled = this.#scaledRows.subarray(0, count * width);
    for (let from = 0; from < count * width; from += width) {
      if (observes) scaler.observe(values, from);
      scaler.transform(values, from, scaled, from);
    }
    return { ...lesson, values: scaled };
  }

  /** A promise only if the learner gives one. */
  #oneByOne(rows: LabelledRows): Promise<Float64Array> | Float64Array {
    const { outputs } = this.#learner;
    const predictions = new Float64Array(rows.count * outputs);
    for (let row = 0; row < rows.count; row++) {
      const one = this.#row(rows, row);
      const predicted = this.#learner.predict(one);
      if (predicted instanceof Promise) return this.#awaiting(rows, row, predicted, predictions);
      predictions.set(predicted, row * outputs);
      if (one.weights[0] === 0) continue;
      const learning = this.#learner.learn(one);
      if (learning instanceof Promise)
        throw new TypeError("what predicts at once must learn at once");
    }
    return predictions;
  }

  async #awaiting(
    rows: LabelledRows,
    from: number,
    first: Promise<Float64Array>,
    predictions: Float64Array,
  ): Promise<Float64Array> {
    const { outputs } = this.#learner;
    for (let row = from; row < rows.count; row++) {
      const one = this.#row(rows, row);
      predictions.set(await (row === from ? first : this.#learner.predict(one)), row * outputs);
      if (one.weights[0] !== 0) await this.#learner.learn(one);
    }
    return predictions;
  }

  #row({ width, values, labels, weights }: LabelledRows, row: number): LabelledRows {
    const one = this.#one;
    for (let column = 0; column < width; column++)
      one.values[column] = values[row * width + column]!;
    one.labels[0] = labels[row]!;
    one.weights[0] = weights[row]!;
    return one;
  }

  async #inSteps(rows: LabelledRows): Promise<Float64Array> {
    const { stepRows, outputs } = this.#learner;
    const steps: LabelledRows[] = [];
    for (let from = 0; from < rows.count; from += stepRows)
      steps.push(partOf(rows, from, Math.min(rows.count, from + stepRows)));
    const predictions = new Float64Array(rows.count * outputs);
    let at = 0;
    for (const predicted of await this.#learnSteps(steps)) {
      predictions.set(predicted, at);
      at += predicted.length;
    }
    return predictions;
  }

  async #learnSteps(steps: readonly LabelledRows[]): Promise<readonly Float64Array[]> {
    if (this.#learner.learnMany !== undefined) return await this.#learner.learnMany(steps);
    const predictions: Float64Array[] = [];
    for (const step of steps) {
      predictions.push(await this.#learner.predict(step));
      await this.#learner.learn(step);
    }
    return predictions;
  }
}

/** Standardises all columns for kinds that want it, else those that were declared so. */
export function scaledColumns(
  kind: { readonly scaled: boolean },
  scaled: readonly boolean[],
): readonly boolean[] {
  return kind.scaled ? scaled.map(() => true) : scaled;
}

/** Rows that count: the others are predicted only. */
function countOf(weights: Float64Array): number {
  let count = 0;
  for (const weight of weights) if (weight !== 0) count++;
  return count;
}

function scalerOf({ kind, scaled }: OnlineParts, stored?: StoredState): RunningScaler | undefined {
  const columns = scaledColumns(kind, scaled);
  if (!columns.includes(true)) return undefined;
  return new RunningScaler(columns, stored && decodeState(stored));
}

function partOf(rows: LabelledRows, from: number, to: number): LabelledRows {
  const { width, values, labels, weights } = rows;
  return {
    ...{ width, count: to - from },
    values: values.subarray(from * width, to * width),
    labels: labels.subarray(from, to),
    weights: weights.subarray(from, to),
  };
}
