import type { LearnerState, OnlineKind, Shape, Task } from "../learner.js";
import { type LinearHyper, linearRules } from "./linear-hyper.js";
import { LinearLearner } from "./linear-learner.js";
import { linkOf, outputsOf } from "./link-of-task.js";
import type { NetworkSpec } from "./network-spec.js";

/**
 * Linear regression by stochastic gradient descent on the squared error (Widrow and Hoff, "Adaptive switching
 * circuits", 1960), by Adam unless said otherwise: a step of it stays small when a row is far out.
 */
export const linear = kindFor("linear", "regression");

/** Logistic regression (Cox, "The regression analysis of binary sequences", 1958) by gradient descent. */
export const logistic = kindFor("logistic", "binary");

/** Multinomial logistic regression by gradient descent: a probability for each class. */
export const softmax = kindFor("softmax", "classes");

function kindFor(name: string, task: Task): OnlineKind<LinearHyper> {
  return {
    name,
    tasks: [task],
    scaled: true,
    hyper: linearRules,
    defaults: { optimiser: "adam", rate: 0.01, decay: 0, l1: 0, l2: 0, stepRows: 1 },
    open: openLinear,
  };
}

function openLinear(shape: Shape, hyper: LinearHyper, state?: LearnerState): LinearLearner {
  const spec: NetworkSpec = {
    ...hyper,
    layers: [shape.width, outputsOf(shape)],
    activation: "relu",
    link: linkOf(shape.task),
  };
  return new LinearLearner(
    { task: shape.task, spec, rate: hyper, stepRows: hyper.stepRows },
    state,
  );
}
