import type { Table } from "../../plugin/table.js";
import type { Task } from "../learners/learner.js";
import { RowRing } from "../rows/row-ring.js";
import { exactAuc } from "./auc.js";
import { Baseline, type BaselineRule, type BaselineState } from "./baseline.js";
import { BinaryTally } from "./binary-tally.js";
import { ClassesTally } from "./classes-tally.js";
import type { Metrics } from "./metrics.js";
import { logLossOf, ratio, type Tally, type TallyState } from "./tally.js";
import { ClusterTally, RegressionTally, ScoreTally } from "./value-tallies.js";

export interface PrequentialOptions {
  readonly task: Task;
  /** 2 for a yes or no. */
  readonly classes: number;
  /** Rows of the sliding window. */
  readonly windowRows: number;
  /** The probability from which on a row counts as class 1. */
  readonly threshold: number;
  readonly rule: BaselineRule;
  /** How much rows of a class count where models are compared; absent: all the same. */
  readonly weightOf?: (label: number) => number;
}

/** What is kept beside the window, as JSON. */
export interface PrequentialState {
  readonly rows: number;
  /** The window begins here at the earliest. */
  readonly windowFrom: number;
  readonly total: TallyState;
  readonly baselineTotal: TallyState;
  readonly baseline: BaselineState;
  /** Mean absolute error so far, which puts errors of values on a scale. */
  readonly meanError: number;
}

/** Metrics of a model and of what would be said without one, over the window and since the start. */
export interface Report {
  readonly window: Metrics;
  readonly total: Metrics;
  /** Absent where nothing can be said without a model. */
  readonly baseline?: {
    readonly rule: BaselineRule;
    readonly window: Metrics;
    readonly total: Metrics;
  };
}

/**
 * Prequential metrics (Dawid, "The prequential approach", 1984): each row is predicted before it is learnt, and
 * what comes of it is added up over a sliding window of the last rows, and since the start.
 */
export class Prequential {
  readonly #options: PrequentialOptions;
  /** Numbers of a prediction. */
  readonly #outputs: number;
  /** A row is a label, a prediction and what the baseline said. */
  readonly #ring: RowRing;
  readonly #total: Tally;
  readonly #baselineTotal: Tally;
  readonly #baseline: Baseline;
  #rows: number;
  #windowFrom: number;
  #meanError: number;
  #reported: Report | undefined;

  constructor(options: PrequentialOptions, state?: PrequentialState) {
    const { task, classes, windowRows, rule, weightOf } = options;
    this.#options = options;
    this.#outputs = task === "classes" ? classes : 1;
    this.#ring = new RowRing(windowRows, 1 + 2 * this.#outputs);
    this.#baseline = new Baseline({ rule, task, classes, weightOf }, state?.baseline);
    this.#total = this.#tally(state?.total);
    this.#baselineTotal = this.#tally(state?.baselineTotal);
    this.#rows = state?.rows ?? 0;
    this.#windowFrom = state?.windowFrom ?? 0;
    this.#meanError = state?.meanError ?? 0;
  }

  /** Rows that were predicted. */
  get rows(): number {
    return this.#rows;
  }

  /**
   * Takes a row's label and the prediction at `at` in `outputs`, made before it was learnt. Returns its loss from 0
   * to 1: how far the probability of what came was from 1, or an error beside the mean error so far.
   */
  add(label: number, outputs: Float64Array, at: number): number {
    const width = this.#outputs;
    this.#reported = undefined;
    const from = this.#ring.take(this.#rows++ % this.#options.windowRows);
    const { values } = this.#ring;
    values[from] = label;
    for (let index = 0; index < width; index++) values[from + 1 + index] = outputs[at + index]!;
    this.#total.add(label, outputs, at);
    if (this.#isSupervised) {
      this.#baseline.predict(values, from + 1 + width);
      this.#baselineTotal.add(label, values, from + 1 + width);
      this.#baseline.learn(label);
    }
    return this.#lossOf(label, outputs, at);
  }

  /** A row that nothing was predicted for: there was no model yet. The baseline learns from it. */
  unpredicted(label: number): void {
    if (this.#isSupervised) this.#baseline.learn(label);
  }

  /** Another model predicts from here on: the window has none of what the one before said. */
  beginWindow(): void {
    this.#windowFrom = this.#rows;
    this.#reported = undefined;
  }

  /** Asked twice for the same rows, the window is not gone through again. */
  report(): Report {
    // Weights of classes go on changing with rows that are not predicted yet.
    if (this.#options.weightOf !== undefined) return this.#report();
    this.#reported ??= this.#report();
    return this.#reported;
  }

  #report(): Report {
    const window = this.#windowTally(1);
    const auc = this.#auc();
    const model = auc === undefined ? window : { ...window, auc };
    const total = this.#total.metrics();
    if (!this.#isSupervised) return { window: model, total };
    const { rule } = this.#baseline;
    const without = this.#windowTally(1 + this.#outputs);
    const baseline = {
      rule,
      window: withoutOrder(without),
      total: withoutOrder(this.#baselineTotal.metrics()),
    };
    return { window: model, total, baseline };
  }

  /** Puts the window. */
  save(table: Table<string>, name: string): PrequentialState {
    this.#ring.save(table, name);
    return {
      rows: this.#rows,
      windowFrom: this.#windowFrom,
      total: this.#total.state,
      baselineTotal: this.#baselineTotal.state,
      baseline: this.#baseline.state,
      meanError: this.#meanError,
    };
  }

  /** Gets the window back. */
  restore(table: Table<string>, name: string): void {
    this.#reported = undefined;
    this.#ring.restore(table, name, this.#rows);
  }

  get #isSupervised(): boolean {
    return this.#options.task !== "anomaly" && this.#options.task !== "clusters";
  }

  #tally(state?: TallyState): Tally {
    const { task, classes, threshold } = this.#options;
    switch (task) {
      case "binary":
        return new BinaryTally(threshold, state);
      case "classes":
        return new ClassesTally(classes, state);
      case "regression":
        return new RegressionTally(state);
      case "anomaly":
        return new ScoreTally(state);
      case "clusters":
        return new ClusterTally(state);
    }
  }

  /** Of the window's rows, of which the predictions begin at `at`. Added up anew: nothing drifts. */
  #windowTally(at: number): Metrics {
    const tally = this.#tally();
    const { values } = this.#ring;
    for (const from of this.#starts()) tally.add(values[from]!, values, from + at);
    const { weightOf } = this.#options;
    if (weightOf === undefined) return tally.metrics();
    return { ...tally.metrics(), weightedLogLoss: this.#weightedLogLoss(at, weightOf) };
  }

  #weightedLogLoss(at: number, weightOf: (label: number) => number): number | null {
    const { values } = this.#ring;
    const isBinary = this.#options.task === "binary";
    let [sum, weights] = [0, 0];
    for (const from of this.#starts()) {
      const label = values[from]!;
      const said = values[from + at + (isBinary ? 0 : label)]!;
      const weight = weightOf(label);
      sum += weight * logLossOf(isBinary && label === 0 ? 1 - said : said);
      weights += weight;
    }
    return ratio(sum, weights);
  }

  /** Where the window's rows begin in the ring, oldest first. */
  *#starts(): Generator<number> {
    const { windowRows } = this.#options;
    const first = Math.max(this.#windowFrom, this.#rows - windowRows);
    for (let row = first; row < this.#rows; row++) yield (row % windowRows) * this.#ring.width;
  }

  /** Exact, over the window; undefined where there is no such thing. Of anomalies that have labels too. */
  #auc(): number | null | undefined {
    const { task } = this.#options;
    if (task !== "binary" && task !== "anomaly") return undefined;
    const { values } = this.#ring;
    const sides: [number[], number[]] = [[], []];
    for (const from of this.#starts()) {
      const label = values[from]!;
      if (label === 0 || label === 1) sides[label].push(values[from + 1]!);
    }
    if (task === "anomaly" && sides[0].length + sides[1].length === 0) return undefined;
    return exactAuc(Float64Array.from(sides[1]), Float64Array.from(sides[0]));
  }

  #lossOf(label: number, outputs: Float64Array, at: number): number {
    const { task } = this.#options;
    if (task === "binary") return Math.abs(label - outputs[at]!);
    if (task === "classes") return 1 - outputs[at + label]!;
    if (task !== "regression") return 0;
    const error = Math.abs(label - outputs[at]!);
    const scale = error + this.#meanError;
    this.#meanError += (error - this.#meanError) / this.#rows;
    return scale === 0 ? 0 : error / scale;
  }
}

/**
 * A baseline of a yes or no tells no row from another, so its area is that of a tie. As its rate goes on changing with each
 * label, rows before and behind one would be ranked by it: below a half, for a label moves the rate only behind itself.
 */
function withoutOrder(metrics: Metrics): Metrics {
  return typeof metrics.auc === "number" ? { ...metrics, auc: 0.5 } : metrics;
}
