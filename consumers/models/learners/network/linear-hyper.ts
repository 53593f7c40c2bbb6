import { between, oneOf, type Rules, whole } from "../../../plugin/option-rules.js";
import type { Optimiser } from "./network-spec.js";

/** Hyperparameters of `linear`, `logistic` and `softmax`. */
export interface LinearHyper {
  readonly optimiser: Optimiser;
  /** How far a step goes. */
  readonly rate: number;
  /** How fast the rate falls: it is rate / sqrt(1 + decay × steps). Default 0: never. */
  readonly decay: number;
  /** Added to the loss, per weight: l1 |w| + l2 w² / 2. Default 0. */
  readonly l1: number;
  readonly l2: number;
  /** Rows of a step. */
  readonly stepRows: number;
}

/** Rows of a step, at most. */
const stepRowsMax = 4096;

export const linearRules: Rules<LinearHyper> = {
  optimiser: oneOf("sgd", "adam"),
  rate: between(1e-9, 10),
  decay: between(0, 1),
  l1: between(0, 10),
  l2: between(0, 10),
  stepRows: whole(1, stepRowsMax),
};
