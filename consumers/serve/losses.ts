import type { Task } from "../models/learners/learner.js";

/** What an outcome is measured by: less is better. */
export const metrics = ["logLoss", "brier", "wrong", "absolute", "squared"] as const;

export type Metric = (typeof metrics)[number];

/** How far a prediction was from what was the case; what makes no sense for its task is absent. */
export type Losses = { readonly [Name in Metric]?: number };

/** The metric that models are compared by if none is named. */
export function defaultMetric(task: Task): Metric {
  return task === "binary" || task === "classes" ? "logLoss" : "squared";
}

/** Probabilities are taken to be this far from 0 and 1, so that a loss is always a number. */
const certain = 1e-7;

/**
 * What `outputs` (one prediction's) lose against `label`: a value, 0 or 1, or a class's index. `isPositive`
 * is the decision at the threshold, for tasks that have one.
 */
export function lossesOf(
  task: Task,
  outputs: readonly number[],
  label: number,
  isPositive: boolean | undefined,
): Losses {
  const [output = 0] = outputs;
  if (task === "classes") return lossesOfClasses(outputs, label);
  if (task === "clusters") return { wrong: output === label ? 0 : 1 };
  if (task === "regression")
    return { absolute: Math.abs(output - label), squared: (output - label) ** 2 };
  const wrong = isPositive === undefined ? {} : { wrong: isPositive === (label === 1) ? 0 : 1 };
  // An anomaly's score is no probability.
  if (task === "anomaly") return wrong;
  const right = label === 1 ? output : 1 - output;
  return { logLoss: -Math.log(Math.max(right, certain)), brier: (output - label) ** 2, ...wrong };
}

function lossesOfClasses(outputs: readonly number[], label: number): Losses {
  let brier = 0;
  let best = 0;
  for (let index = 0; index < outputs.length; index++) {
    brier += (outputs[index]! - (index === label ? 1 : 0)) ** 2;
    if (outputs[index]! > outputs[best]!) best = index;
  }
  const right = outputs[label] ?? 0;
  return { logLoss: -Math.log(Math.max(right, certain)), brier, wrong: best === label ? 0 : 1 };
}
