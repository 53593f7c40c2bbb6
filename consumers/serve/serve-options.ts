import { refuse } from "../../bus/kernel/options.js";
import type { Field } from "../field.js";
import { fieldOf } from "../field.js";
import type { JoinKey } from "../join/side.js";
import type { Features } from "../models/features/feature.js";
import { problemsOfFeatures } from "../models/features/feature-options.js";
import {
  aName,
  aPattern,
  type CommonOptions,
  commonRules,
  someTopics,
} from "../plugin/common-options.js";
import {
  flag,
  listOf,
  objectOf,
  oneOf,
  optional,
  orFunction,
  problemsByRules,
  type Rule,
  type Rules,
  text,
  whole,
} from "../plugin/option-rules.js";
import { type Metric, metrics } from "./losses.js";

/** What is done with an event while there is no model. */
export type Missing =
  /** It is kept, and scored by the first model that comes. */
  | "wait"
  /** Its prediction says that there is none. */
  | "pass"
  /** Its prediction is this, any JSON value. */
  | { readonly fallback: unknown };

/** Where what really was the case comes from. */
export interface OutcomeOptions {
  /** Patterns of the topics of labels. */
  readonly topics: readonly string[];
  /** Which predictions the label is for: those whose `id` is the same. */
  readonly id: Field<JoinKey>;
  /**
   * What was the case: true, false, 1 or 0; a class, by its label or index; a number. Other values, and a
   * path that leads nowhere, are no outcome.
   */
  readonly label: Field;
  /** For how long, in the log's time, a prediction waits for its label. */
  readonly withinMs: number;
  /** Predictions that wait, at most: the oldest go first. Default 100,000. */
  readonly pendingMax?: number;
}

/** When a model counts as better or worse than another. */
export interface Judgement {
  /** A mean over outcomes, less being better. Default "logLoss" for classes, "squared" for numbers. */
  readonly metric?: Metric;
  /** How many outcomes of each model are compared. Default 200. */
  readonly outcomesMin?: number;
  /** How much worse it may be, as a share of the other's. Default 0.02. */
  readonly tolerance?: number;
}

/** A candidate answers for a share of the keys, until outcomes say which model is to stay. */
export interface CanaryOptions extends Judgement {
  /** The share of the keys, above 0 and below 1. */
  readonly share: number;
}

/** Scores events with the model that is promoted. */
export interface ServeSpec<Config = unknown> extends CommonOptions<Config> {
  /** Patterns of what is scored, or a function of the configuration. */
  readonly topics: readonly string[] | ((config: Config) => readonly string[]);
  /** The model's name in the registry; or a function of the configuration. */
  readonly model: string | ((config: Config) => string);
  /** Instead of the features that the model declares; needed if a function makes them. */
  readonly features?: Features<Config>;
  /** Where predictions go, no topic that is scored; or a function of the configuration. */
  readonly output: string | ((config: Config) => string);
  /** What a prediction is called: stands in it, and joins it with its outcome. Default: nothing. */
  readonly id?: Field<JoinKey>;
  /** Whose share in a canary it is, named in `headers.cause`. Default: the `id`. */
  readonly key?: Field<JoinKey>;
  /**
   * The output from which on the decision is true, for one output a row; for `binary` a probability from 0 to 1: with
   * another one, the model is refused. Default: 0.5 for `binary`.
   */
  readonly threshold?: number | ((config: Config) => number);
  /** What is done with an event while there is no model. Default "wait". */
  readonly missing?: Missing;
  /** Events that wait for a model, at most; further ones pass. Default 10,000. */
  readonly waitingMax?: number;
  /** Rows that are scored at a time, at most, 1,000 or fewer. Default 256. Changes no prediction. */
  readonly batchRowsMax?: number;
  /**
   * Scores events also with a candidate, and tells what it says: the newest that was trained or imported and
   * is not promoted; or what is promoted under another name. Default: none.
   */
  readonly shadow?: boolean | { readonly model: string };
  readonly outcomes?: OutcomeOptions;
  /** Needs `outcomes`. */
  readonly canary?: CanaryOptions;
  /** Goes back to the model before if the new one is worse. Needs `outcomes`. */
  readonly rollback?: Judgement;
  /**
   * Says in each prediction what each feature contributed, where that is exact: linear and logistic models, and
   * trees with one output. Takes about twice the time. Default false.
   */
  readonly contributions?: boolean;
  /** Serves the model of this SHA-256 from the start and whatever is promoted, until another is. */
  readonly initial?: string;
}

const longestMs = 2 ** 42;

const aField: Rule = (value) => {
  try {
    fieldOf(value as Field);
    return undefined;
  } catch (error) {
    return `is no field: ${(error as Error).message}`;
  }
};

const aNumber: Rule = (value) => (Number.isFinite(value) ? undefined : "must be a number");

/** A number above `least` and below `most`. */
function between(least: number, most: number): Rule {
  return (value) =>
    typeof value === "number" && value > least && value < most
      ? undefined
      : `must be a number above ${least} and below ${most}`;
}

const aSha256: Rule = (value) =>
  typeof value === "string" && /^[0-9a-f]{64}$/.test(value)
    ? undefined
    : "must be a SHA-256, 64 hexadecimal digits";

const aMissing: Rule = (value) => {
  if (value === "wait" || value === "pass") return undefined;
  const members = typeof value === "object" && value !== null ? Object.keys(value) : [];
  return members.join() === "fallback" ? undefined : 'must be "wait", "pass" or { fallback }';
};

const judgementRules: Rules<Judgement> = {
  metric: optional(oneOf(...metrics)),
  outcomesMin: optional(whole(10, 1_000_000)),
  tolerance: optional(between(-1, 100)),
};

const canaryRules: Rules<CanaryOptions> = { ...judgementRules, share: between(0, 1) };

const outcomeRules: Rules<OutcomeOptions> = {
  topics: listOf(aPattern),
  id: aField,
  label: aField,
  withinMs: whole(1, longestMs),
  pendingMax: optional(whole(1, 10_000_000)),
};

const aShadow: Rule = (value) =>
  typeof value === "boolean" ? undefined : objectOf<{ model: string }>({ model: aName })(value);

const someFeatures: Rule = (value) => {
  const [problem] = problemsOfFeatures(value as Features<never>);
  return problem === undefined ? undefined : `are wrong: ${problem}`;
};

const rules: Rules<ServeSpec> = {
  ...commonRules,
  topics: someTopics,
  model: orFunction(aName),
  features: optional(someFeatures),
  output: orFunction(text),
  id: optional(aField),
  key: optional(aField),
  threshold: optional(orFunction(aNumber)),
  missing: optional(aMissing),
  waitingMax: optional(whole(1, 1_000_000)),
  batchRowsMax: optional(whole(1, 1_000)),
  shadow: optional(aShadow),
  outcomes: optional(objectOf(outcomeRules)),
  canary: optional(objectOf(canaryRules)),
  rollback: optional(objectOf(judgementRules)),
  contributions: optional(flag),
  initial: optional(aSha256),
};

/** Throws OPTIONS_INVALID. */
export function checkServe(spec: ServeSpec<never>): void {
  const problems = problemsByRules<object>(spec, rules);
  const { outcomes, canary, rollback, id } = spec ?? {};
  for (const [name, option] of Object.entries({ canary, rollback }))
    if (option !== undefined && outcomes === undefined) problems.push(`${name} needs outcomes`);
  if (outcomes !== undefined && id === undefined) problems.push("outcomes need an id");
  refuse("serve", problems);
}
