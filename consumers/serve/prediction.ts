import type { Task } from "../models/learners/learner.js";
import type { Contributions } from "./contributions/explainer.js";

/** A decision: the side of the threshold, or the class with the highest output; by its label if it has one. */
export type Decision = boolean | string | number;

/** The body of an event on a consumer's `output` that a model has scored. */
export interface Prediction {
  /** Of the event that was scored. */
  readonly offset: number;
  readonly id?: string;
  readonly model: string;
  readonly version?: number;
  readonly sha256: string;
  /** The value, the probability, the anomaly's score or the cluster's index; one for each class if there are several. */
  readonly output: number | readonly number[];
  readonly decision?: Decision;
  /** It was a candidate's turn. */
  readonly canary?: true;
  /** If they are wanted, and the model has exact ones. */
  readonly contributions?: Contributions;
}

/** Why an event was not scored. */
export type UnscoredReason =
  /** There was no model yet. */
  | "no-model"
  /** There was none yet, and as many events as may were waiting already. */
  | "waiting-full"
  /** What the model gave was no number. */
  | "not-finite";

/** The body of an event on a consumer's `output` that no model has scored. */
export interface Unscored {
  readonly offset: number;
  readonly id?: string;
  readonly model: string;
  /** The fallback that was declared; else null. */
  readonly output: unknown;
  readonly reason: UnscoredReason;
}

/** The threshold that holds for a model; undefined if none makes sense. */
export function thresholdFor(task: Task, given: number | undefined): number | undefined {
  if (task === "classes" || task === "clusters") return undefined;
  return given ?? (task === "binary" ? 0.5 : undefined);
}

/** The index of the highest of several outputs, the first of those. */
export function highest(outputs: readonly number[]): number {
  let best = 0;
  for (let index = 1; index < outputs.length; index++)
    if (outputs[index]! > outputs[best]!) best = index;
  return best;
}
