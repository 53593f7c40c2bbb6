import type { Field } from "../field.js";
import type { Category, Features } from "../models/features/feature.js";
import type { BatchKind, OnlineKind, Task } from "../models/learners/learner.js";
import type { BaselineRule } from "../models/metrics/baseline.js";
import type { CommonOptions } from "../plugin/common-options.js";

/** A kind of model: one of those that there are, by its name, or one of your own. */
export type ModelKind = string | OnlineKind<never> | BatchKind<never>;

/** A label that comes as an event of its own, later than what it is about. */
export interface LabelJoin {
  /** Patterns of the topics that labels come on. */
  readonly topics: readonly string[];
  /** What ties a label to the event it is about: a field of that event, or several. */
  readonly key: Field | readonly Field[];
  /** The same in the label's event. Default: `key`. */
  readonly labelKey?: Field | readonly Field[];
  /** The label in its event. */
  readonly label: Field;
  /** A label is about events of its key that are at most this much older, by their own times. */
  readonly withinMs: number;
  /** The label of an event for which none came in that time. Default: it is not learnt from. */
  readonly absent?: Category;
  /** Events of one key that wait; one more fails with STATE_LIMIT. Default 1,000. */
  readonly rowsMax?: number;
}

/** How often a model is published: after so many rows, or so much event time. */
export type Every = { readonly rows: number } | { readonly ms: number };

/** Rows that a model of a kind that is fitted anew sees: the last ones, or a fair sample of all. */
export type TrainingWindow =
  | { readonly rows: number; readonly ms?: number }
  | { readonly reservoir: number };

/** Keeps a share of the rows of a class, and corrects the probabilities for it. */
export interface Downsample {
  /** Which class, as in `classes`. */
  readonly class: Category;
  /** The share that is learnt from, above 0 and at most 1. */
  readonly keep: number;
}

export interface DriftOptions {
  /** Chance of a false alarm at a look. Default 0.002. */
  readonly delta?: number;
  /** Whether to begin anew with what came after the change. Default false. */
  readonly refit?: boolean;
}

export interface MetricsOptions {
  /** Rows of the sliding window. Default 2,000. */
  readonly windowRows?: number;
  /** Rows between two events on `models.NAME.metrics`. Default 1,000. */
  readonly everyRows?: number;
}

/** Ends learning when it no longer helps. */
export interface EarlyStopping {
  /** Publications without a better loss over the window of the metrics, after which learning stops until a drift. */
  readonly patience: number;
}

/** What `train` is given. */
export interface TrainSpec<Config = unknown> extends CommonOptions<Config> {
  /** Patterns of the topics whose events are learnt from. */
  readonly topics: readonly string[] | ((config: Config) => readonly string[]);
  readonly features: Features<Config>;
  /** The label in the event itself. None for anomalies and clusters. */
  readonly label?: Field;
  /** Or a label that comes later. */
  readonly labelJoin?: LabelJoin;
  readonly model: ModelKind;
  /** What is learnt, where the kind can do several things. */
  readonly task?: Task;
  /**
   * The labels of a yes or no, no first (default: false or 0, true or 1), or of several classes.
   */
  readonly classes?: readonly Category[];
  /** Of the kind; what is left out has its default. */
  readonly hyper?: object | ((config: Config) => object);
  /** Default: every 1,000 rows. */
  readonly every?: Every;
  /** For kinds that are fitted anew each time. Default: the last 10,000 rows. */
  readonly window?: TrainingWindow;
  /** A whole number; all that is random follows from it. Default 0. */
  readonly seed?: number | ((config: Config) => number);
  /** Rows before a first model, 512 at least. Default 1,000. */
  readonly minRows?: number;
  /** How much rows of each class count, in the order of `classes`; "balanced": classes count the same. */
  readonly classWeights?: "balanced" | readonly number[];
  readonly downsample?: Downsample;
  /** "trained": a model is promoted as soon as it is published. "manual": only by command. Default "trained". */
  readonly promote?: "trained" | "manual";
  /**
   * What a model must be better than, to be published. Default `rate` for classes, `mean` for values;
   * false: nothing.
   */
  readonly baseline?: BaselineRule | false;
  /** The probability from which on a row counts as class 1, in the metrics. Default 0.5. */
  readonly threshold?: number;
  /** Drift of the loss is always looked for, where there are labels. */
  readonly drift?: DriftOptions;
  readonly metrics?: MetricsOptions;
  /** For kinds that learn as rows come. Default: they never stop. */
  readonly earlyStopping?: EarlyStopping;
}
