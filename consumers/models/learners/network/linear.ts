import type { LearnerState, OnlineKind, Shape } from "../learner.js";
import { type LinearHyper, linearRules, type SoftmaxHyper, softmaxRules } from "./linear-hyper.js";
import { LinearLearner } from "./linear-learner.js";
import { linkOf, outputsOf } from "./link-of-task.js";
import type { Optimiser } from "./network-spec.js";
import { takesNewton } from "./newton-choice.js";

const descent = { rate: 0.01, decay: 0, l1: 0, l2: 0, stepRows: 1 };

/**
 * Linear regression: recursive least squares (see `newton.ts`), or stochastic gradient descent on the squared
 * error (Widrow and Hoff, "Adaptive switching circuits", 1960).
 */
export const linear: OnlineKind<LinearHyper> = {
  name: "linear",
  tasks: ["regression"],
  scaled: true,
  hyper: linearRules,
  defaults: { ...descent, optimiser: "auto", drift: 0 },
  open: openLinear,
};

/**
 * Logistic regression (Cox, "The regression analysis of binary sequences", 1958): by Newton steps row by row
 * (see `newton.ts`), or by gradient descent.
 */
export const logistic: OnlineKind<LinearHyper> = { ...linear, name: "logistic", tasks: ["binary"] };

/** Multinomial logistic regression by gradient descent: a probability for each class. */
export const softmax: OnlineKind<SoftmaxHyper> = {
  name: "softmax",
  tasks: ["classes"],
  scaled: true,
  hyper: softmaxRules,
  defaults: { ...descent, optimiser: "adam" },
  open: (shape, hyper, state) => openLinear(shape, { ...hyper, drift: 0 }, state),
};

function openLinear(shape: Shape, hyper: LinearHyper, state?: LearnerState): LinearLearner {
  const newton = takesNewton(shape, hyper);
  const optimiser: Optimiser = hyper.optimiser === "sgd" ? "sgd" : "adam";
  const { task, width } = shape;
  const { drift, stepRows, l1, l2 } = hyper;
  const layers = [width, outputsOf(shape)];
  const spec = { layers, activation: "relu", link: linkOf(task), optimiser, l1, l2 } as const;
  const rate = { ...hyper, optimiser };
  return new LinearLearner({ task, spec, newton, drift, rate, stepRows }, state);
}
