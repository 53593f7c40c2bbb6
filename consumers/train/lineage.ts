import type { Category, FeatureDeclaration } from "../models/features/feature.js";
import type { Task } from "../models/learners/learner.js";
import type { BaselineRule } from "../models/metrics/baseline.js";
import type { Metrics } from "../models/metrics/metrics.js";
import type { ModelInput } from "./inputs.js";
import type {
  DriftOptions,
  EarlyStopping,
  Every,
  MetricsOptions,
  TrainingWindow,
} from "./train-spec.js";

/** What a model was made of, and by what: all that it takes to make it again. */
export interface Lineage {
  readonly name: string;
  /** 1, 2, 3 … */
  readonly version: number;
  readonly kind: string;
  readonly task: Task;
  /** The labels by the index of their class. */
  readonly classes?: readonly Category[];
  readonly features: FeatureDeclaration;
  readonly inputs: readonly ModelInput[];
  /** Every event that had a part in it is from here, inclusive, to there, exclusive. */
  readonly offsets: { readonly from: number; readonly to: number };
  /** Rows that it has learnt from. */
  readonly rows: number;
  /** Of rows that were predicted before they were learnt, or held back. */
  readonly metrics: Metrics;
  /** Of the same rows, without a model. */
  readonly baseline?: Metrics & { readonly rule: BaselineRule };
  readonly hyper: object;
  readonly seed: number;
  /** When it was published, from which rows, and how they counted, as its options say. */
  readonly training: {
    readonly every: Every;
    readonly minRows: number;
    readonly baseline: BaselineRule | false;
    readonly threshold: number;
    /** For kinds that are fitted anew each time. */
    readonly window?: TrainingWindow;
    readonly classWeights?: "balanced" | readonly number[];
    /** By class, the share of rows that was learnt from. */
    readonly downsample?: readonly number[];
    readonly drift: Required<DriftOptions>;
    readonly metrics: Required<MetricsOptions>;
    readonly earlyStopping?: EarlyStopping;
  };
  readonly plugin: {
    readonly name: string;
    readonly version: string;
    /** SHA-256 of its code, hex, if it came from a file. */
    readonly code?: string;
  };
  readonly runtime: {
    readonly fedbus: string;
    readonly node: string;
    readonly onnxruntime: string;
    readonly platform: string;
    readonly arch: string;
  };
}

/** Body of an event on `models.NAME.trained`. */
export interface TrainedModel extends Lineage {
  /** Of the file, hex: the name of its bytes in the blob store. */
  readonly sha256: string;
  readonly bytes: number;
}

/** Where a model's file has its lineage, as JSON. */
export const lineageKey = "fedbus.model";
