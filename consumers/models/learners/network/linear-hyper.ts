import { between, oneOf, type Rules, whole } from "../../../plugin/option-rules.js";
import type { Optimiser } from "./network-spec.js";

/** Hyperparameters that all networks have. */
export interface DescentHyper {
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

/** Hyperparameters of `softmax`. */
export interface SoftmaxHyper extends DescentHyper {
  readonly optimiser: Optimiser;
}

/** Hyperparameters of `linear` and `logistic`. */
export interface LinearHyper extends DescentHyper {
  /**
   * `newton` learns the most from each row, in time by the square of the columns; it has a prior of its own
   * instead of `rate`, `decay`, `l1` and `l2`. Default `auto`: `newton` up to 64 columns and without l1 and
   * l2, else `adam`.
   */
  readonly optimiser: Optimiser | "newton" | "auto";
  /**
   * For `newton`: how far weights wander from row to row, as a variance, so that old rows lose their weight.
   * Default 0: all rows count the same.
   */
  readonly drift: number;
}

/** Rows of a step, at most. */
const stepRowsMax = 4096;

export const descentRules: Rules<DescentHyper> = {
  rate: between(1e-9, 10),
  decay: between(0, 1),
  l1: between(0, 10),
  l2: between(0, 10),
  stepRows: whole(1, stepRowsMax),
};

export const softmaxRules: Rules<SoftmaxHyper> = {
  ...descentRules,
  optimiser: oneOf("sgd", "adam"),
};

export const linearRules: Rules<LinearHyper> = {
  ...descentRules,
  optimiser: oneOf("auto", "newton", "sgd", "adam"),
  drift: between(0, 1),
};
