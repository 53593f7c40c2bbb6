import { refuse } from "../../bus/kernel/options.js";
import { isFedbusError } from "../../schemas/index.js";
import { problemsOfFeatures } from "../models/features/feature-options.js";
import { completeHyper } from "../models/learners/hyper.js";
import { aPattern, commonRules, someTopics } from "../plugin/common-options.js";
import {
  anything,
  between,
  flag,
  listOf,
  objectOf,
  oneOf,
  optional,
  orFunction,
  problemsByRules,
  type Rule,
  type Rules,
  whole,
} from "../plugin/option-rules.js";
import { isBatchKind, kindOf } from "./model-kind.js";
import { classesOf, isSupervised, keptOf, taskOf } from "./train-plan.js";
import type {
  Downsample,
  DriftOptions,
  EarlyStopping,
  LabelJoin,
  MetricsOptions,
  TrainSpec,
} from "./train-spec.js";

const longestMs = 2 ** 42;
const rowsMost = 10_000_000;
const classesMax = 1_000;

const aField: Rule = (value) =>
  typeof value === "string" || typeof value === "function"
    ? undefined
    : "must be a path or a function";

const fields: Rule = (value) => (Array.isArray(value) ? listOf(aField)(value) : aField(value));

const aCategory: Rule = (value) =>
  ["string", "boolean"].includes(typeof value) || Number.isFinite(value)
    ? undefined
    : "must be a text, a number, or true or false";

const joinRules: Rules<LabelJoin> = {
  topics: listOf(aPattern),
  key: fields,
  labelKey: optional(fields),
  label: aField,
  withinMs: whole(0, longestMs),
  absent: optional(aCategory),
  rowsMax: optional(whole(1, 1_000_000)),
};

const downsampleRules: Rules<Downsample> = { class: aCategory, keep: between(1e-6, 1) };
const driftRules: Rules<DriftOptions> = {
  delta: optional(between(1e-12, 0.5)),
  refit: optional(flag),
};
const metricsRules: Rules<MetricsOptions> = {
  windowRows: optional(whole(100, 1_000_000)),
  everyRows: optional(whole(1, rowsMost)),
};
const stoppingRules: Rules<EarlyStopping> = { patience: whole(1, 1_000_000) };

const everyRules = { rows: optional(whole(1, rowsMost)), ms: optional(whole(1, longestMs)) };
const windowRules = {
  ...everyRules,
  rows: optional(whole(512, rowsMost)),
  reservoir: optional(whole(512, rowsMost)),
};

/** One of two members, which say different things. */
function either(rules: Readonly<Record<string, Rule>>, ...kinds: readonly string[]): Rule {
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      return `must be an object such as { rows: 1000 }, with ${kinds.join(" or ")}`;
    const wrong = objectOf<object>(rules)(value);
    if (wrong !== undefined) return wrong;
    const given = kinds.filter((kind) => (value as Record<string, unknown>)[kind] !== undefined);
    return given.length === 1 ? undefined : `must have either ${kinds.join(" or ")}`;
  };
}

const someClasses: Rule = (value) => {
  const must = listOf(aCategory)(value);
  if (must !== undefined) return must;
  const classes = value as readonly unknown[];
  if (classes.length < 2 || classes.length > classesMax) return `must be 2 to ${classesMax}`;
  return new Set(classes).size === classes.length ? undefined : "must not name one twice";
};

const rules: Rules<TrainSpec<never>> = {
  ...commonRules,
  topics: someTopics,
  features: anything,
  label: optional(aField),
  labelJoin: optional(objectOf(joinRules)),
  model: anything,
  task: optional(oneOf("regression", "binary", "classes", "anomaly", "clusters")),
  classes: optional(someClasses),
  hyper: optional((value) =>
    typeof value === "function" || (typeof value === "object" && value !== null)
      ? undefined
      : "must be an object, or a function of the configuration",
  ),
  every: optional(either(everyRules, "rows", "ms")),
  window: optional(either(windowRules, "rows", "reservoir")),
  seed: optional(orFunction(whole(0, Number.MAX_SAFE_INTEGER))),
  minRows: optional(whole(512, rowsMost)),
  classWeights: optional((value) =>
    value === "balanced" ? undefined : listOf(between(0, 1e6))(value),
  ),
  downsample: optional(objectOf(downsampleRules)),
  promote: optional(oneOf("trained", "manual")),
  baseline: optional((value) =>
    value === false ? undefined : oneOf("rate", "mean", "last")(value),
  ),
  threshold: optional(between(0, 1)),
  drift: optional(objectOf(driftRules)),
  metrics: optional(objectOf(metricsRules)),
  earlyStopping: optional(objectOf(stoppingRules)),
};

/** Throws OPTIONS_INVALID with all that is wrong. */
export function checkTrain(spec: TrainSpec<never>): void {
  const problems = problemsByRules<object>(spec, rules);
  if (typeof spec === "object" && spec !== null) {
    problems.push(...problemsOfFeatures(spec.features));
    problems.push(...(problems.length === 0 ? problemsOfModel(spec) : problemsOfKind(spec)));
  }
  refuse("train", problems);
}

/** What can be told of the model although other options are wrong. */
function problemsOfKind({ model, hyper }: TrainSpec<never>): string[] {
  return told(() => {
    const kind = kindOf(model);
    if (typeof hyper === "object" && hyper !== null) completeHyper(kind, hyper);
    return [];
  });
}

function problemsOfModel(spec: TrainSpec<never>): string[] {
  return told(() => {
    const kind = kindOf(spec.model);
    const task = taskOf(spec, kind);
    keptOf(spec, task, classesOf(spec, task));
    if (typeof spec.hyper === "object") completeHyper(kind, spec.hyper);
    return [
      ...problemsOfLabel(spec, task),
      ...problemsOfWays(spec, task, isBatchKind(kind), kind.name),
    ];
  });
}

/** The problems that `find` gives, or throws. */
function told(find: () => string[]): string[] {
  try {
    return find();
  } catch (error) {
    if (isFedbusError(error)) return [error.message.replace(/^train: /, "")];
    throw error;
  }
}

function problemsOfLabel(
  { label, labelJoin, classes, classWeights }: TrainSpec<never>,
  task: string,
): string[] {
  const problems: string[] = [];
  if (label !== undefined && labelJoin !== undefined)
    problems.push("either label or labelJoin, not both");
  if (isSupervised(task as never) && label === undefined && labelJoin === undefined)
    problems.push(`task ${task} needs a label, or a labelJoin`);
  if (task === "classes" && classes === undefined) problems.push("task classes needs classes");
  if (task === "binary" && classes !== undefined && classes.length !== 2)
    problems.push("task binary has two classes");
  const count = classes?.length ?? 2;
  if (Array.isArray(classWeights) && classWeights.length !== count)
    problems.push(`classWeights must be ${count}, one for each class`);
  return problems;
}

function problemsOfWays(
  spec: TrainSpec<never>,
  task: string,
  isBatch: boolean,
  name: string,
): string[] {
  const { baseline, classWeights, downsample, window } = spec;
  const problems: string[] = [];
  const hasClasses = task === "binary" || task === "classes";
  if (!hasClasses && (classWeights !== undefined || downsample !== undefined))
    problems.push("classWeights and downsample are for classes");
  if (baseline === "rate" && !hasClasses) problems.push("baseline: rate is for classes");
  if ((baseline === "mean" || baseline === "last") && task !== "regression")
    problems.push(`baseline: ${baseline} is for values`);
  if (window !== undefined && !isBatch)
    problems.push(`window: ${name} learns each row as it comes, and keeps none`);
  return problems;
}
