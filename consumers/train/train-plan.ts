import type { BusEvent } from "../../bus/index.js";
import { FedbusError } from "../../schemas/index.js";
import type { Category, Features } from "../models/features/feature.js";
import { completeHyper } from "../models/learners/hyper.js";
import type { BatchKind, OnlineKind, Shape, Task } from "../models/learners/learner.js";
import type { BaselineRule } from "../models/metrics/baseline.js";
import { eventTime, watermarkFor } from "../plugin/common-options.js";
import { kindOf } from "./model-kind.js";
import type { Every, LabelJoin, TrainingWindow, TrainSpec } from "./train-spec.js";

/** What a training's parts are made from: its options under one configuration, with their defaults. */
export interface TrainPlan {
  readonly config: unknown;
  /** Its own name and version. */
  readonly plugin: { readonly name: string; readonly version: string };
  readonly topics: readonly string[];
  readonly features: Features<unknown>;
  readonly label: TrainSpec["label"];
  readonly labelJoin: LabelJoin | undefined;
  readonly timeOf: (event: BusEvent) => number;
  readonly kind: OnlineKind<object> | BatchKind<object>;
  readonly task: Task;
  /** Labels by class; empty where there are none. */
  readonly classes: readonly Category[];
  readonly hyper: object;
  readonly every: Every;
  readonly window: TrainingWindow;
  readonly seed: number;
  readonly minRows: number;
  readonly classWeights: "balanced" | readonly number[] | undefined;
  /** By class, the share of rows that is learnt from; undefined: all of all. */
  readonly keep: readonly number[] | undefined;
  readonly promote: "trained" | "manual";
  readonly baseline: BaselineRule | false;
  readonly threshold: number;
  readonly driftDelta: number;
  readonly refitOnDrift: boolean;
  readonly metricsRows: number;
  readonly metricsEveryRows: number;
  readonly patience: number | undefined;
}

/** Checked options under a configuration. Throws OPTIONS_INVALID for what only that makes wrong. */
export function trainPlan<Config>(spec: TrainSpec<Config>, config: Config): TrainPlan {
  const kind = kindOf(spec.model);
  const task = taskOf(spec as TrainSpec<never>, kind);
  const { hyper = {}, seed = 0, metrics = {}, drift = {}, topics } = spec;
  const classes = classesOf(spec as TrainSpec<never>, task);
  const givenSeed = typeof seed === "function" ? seed(config) : seed;
  if (!Number.isSafeInteger(givenSeed) || givenSeed < 0)
    throw new FedbusError("OPTIONS_INVALID", `train: seed must be a whole number: ${givenSeed}`);
  return {
    config,
    plugin: { name: spec.name, version: spec.version ?? "0" },
    topics: typeof topics === "function" ? topics(config) : topics,
    features: spec.features as Features<unknown>,
    label: spec.label,
    labelJoin: spec.labelJoin,
    timeOf: eventTime(watermarkFor(spec.watermark, config)),
    ...{ kind, task, classes },
    hyper: completeHyper(kind, typeof hyper === "function" ? hyper(config) : hyper),
    every: spec.every ?? { rows: 1_000 },
    window: spec.window ?? { rows: 10_000 },
    seed: givenSeed,
    minRows: spec.minRows ?? 1_000,
    classWeights: spec.classWeights,
    keep: keptOf(spec as TrainSpec<never>, task, classes),
    promote: spec.promote ?? "trained",
    baseline: spec.baseline ?? (task === "regression" ? "mean" : "rate"),
    threshold: spec.threshold ?? 0.5,
    driftDelta: drift.delta ?? 0.002,
    refitOnDrift: drift.refit ?? false,
    metricsRows: metrics.windowRows ?? 2_000,
    metricsEveryRows: metrics.everyRows ?? 1_000,
    patience: spec.earlyStopping?.patience,
  };
}

/** What is to be learnt: as it is said, or the only thing that it can be. Throws OPTIONS_INVALID. */
export function taskOf(spec: TrainSpec<never>, kind: OnlineKind<object> | BatchKind<object>): Task {
  const { task, classes } = spec;
  const can = kind.tasks;
  if (task !== undefined) {
    if (can.includes(task)) return task;
    throw invalid(`task: ${kind.name} is for ${can.join(", ")}`);
  }
  const wanted = classes === undefined ? undefined : classes.length === 2 ? "binary" : "classes";
  if (wanted !== undefined && can.includes(wanted)) return wanted;
  if (can.length === 1) return can[0]!;
  throw invalid(`task: ${kind.name} can do ${can.join(", ")}: say which, or give classes`);
}

/** Numbers of a label: 2 for a yes or no, else how many classes, else 1. */
export function shapeOf({ task, classes, seed }: TrainPlan, width: number): Shape {
  const count = task === "binary" ? 2 : task === "classes" ? classes.length : 1;
  return { width, task, classes: count, seed };
}

export function isSupervised(task: Task): boolean {
  return task !== "anomaly" && task !== "clusters";
}

/** Labels by class, where there are some. */
export function classesOf({ classes }: TrainSpec<never>, task: Task): readonly Category[] {
  return classes ?? (task === "binary" ? [false, true] : []);
}

/** By class, the share of rows that is learnt from. Throws OPTIONS_INVALID. */
export function keptOf(
  { downsample }: TrainSpec<never>,
  task: Task,
  classes: readonly Category[],
): readonly number[] | undefined {
  if (downsample === undefined) return undefined;
  const index = classes.indexOf(downsample.class);
  if (index < 0 || (task !== "binary" && task !== "classes"))
    throw invalid(`downsample: ${JSON.stringify(downsample.class)} is none of the classes`);
  return classes.map((_, at) => (at === index ? downsample.keep : 1));
}

function invalid(problem: string): FedbusError {
  return new FedbusError("OPTIONS_INVALID", `train: ${problem}`);
}
