import type { Rules } from "../../plugin/option-rules.js";
import type { GraphBuilder } from "../onnx/graph-builder.js";

/** What is learnt: a number, a yes or no, one class of several, how unusual rows are, groups of rows. */
export type Task = "regression" | "binary" | "classes" | "anomaly" | "clusters";

/** Rows of features, one after the other: value `c` of row `r` is `values[r * width + c]`. NaN = missing. */
export interface Rows {
  readonly width: number;
  readonly count: number;
  readonly values: Float64Array;
}

export interface LabelledRows extends Rows {
  /** The value to learn, or the class's index, for each row. */
  readonly labels: Float64Array;
  /** How much each row counts: 1 is normal. */
  readonly weights: Float64Array;
}

/** Numbers and arrays that a checkpoint holds; see `state-codec.ts` for how arrays are stored. */
export type LearnerState = {
  readonly [name: string]:
    | number
    | string
    | boolean
    | Float64Array
    | Float32Array
    | readonly number[];
};

/** Something fitted: predicts, can be stored, and can be written as ONNX. Same state, same rows, same bits. */
export interface Predictor {
  readonly task: Task;
  /** Numbers per row: 1 (value, probability of class 1, anomaly score, cluster's index), or one per class. */
  readonly outputs: number;
  /** `count` × `outputs` numbers, row after row. */
  predict(rows: Rows): Float64Array | Promise<Float64Array>;
  save(): LearnerState;
  /** Adds the model to a graph: from a float tensor [N, width] to a float tensor [N, outputs]. */
  addTo(graph: GraphBuilder, input: string): string;
  close?(): void | Promise<void>;
}

/** Learns as rows come. */
export interface OnlineLearner extends Predictor {
  /** Rows of a step: 1 = event by event. Counted over the whole stream, so that batches change nothing. */
  readonly stepRows: number;
  /** One step. The last of a stream may have fewer rows. */
  learn(rows: LabelledRows): void | Promise<void>;
  /**
   * Several steps in one go, for replays: predictions of each step's rows before it was learnt. Gives the
   * same bits as `predict` and `learn` step by step.
   */
  learnMany?(steps: readonly LabelledRows[]): Promise<readonly Float64Array[]>;
}

/** What a learner is opened for. */
export interface Shape {
  /** Columns of the rows. */
  readonly width: number;
  readonly task: Task;
  /** Classes for task `classes`; 2 for `binary`; else 1. */
  readonly classes: number;
  /** A whole number; all that is random follows from it. */
  readonly seed: number;
}

interface AnyKind<Hyper extends object> {
  /** As `model` names it. */
  readonly name: string;
  readonly tasks: readonly Task[];
  /** Whether columns must be standardised and have nothing missing. */
  readonly scaled: boolean;
  /** What each hyperparameter must be. */
  readonly hyper: Rules<Hyper>;
  readonly defaults: Hyper;
}

/** A kind of model that learns as rows come. */
export interface OnlineKind<Hyper extends object> extends AnyKind<Hyper> {
  /** A new learner, or the one that was saved as `state`. */
  open(shape: Shape, hyper: Hyper, state?: LearnerState): OnlineLearner | Promise<OnlineLearner>;
}

/** A kind of model that is fitted to many rows at once. */
export interface BatchKind<Hyper extends object> extends AnyKind<Hyper> {
  fit(rows: LabelledRows, shape: Shape, hyper: Hyper): Predictor | Promise<Predictor>;
  /** The predictor that was saved as `state`. */
  restore(state: LearnerState, shape: Shape): Predictor;
}
