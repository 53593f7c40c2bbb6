import { listOf, oneOf, type Rule, whole } from "../../../plugin/option-rules.js";
import type { LearnerState, OnlineKind, Shape } from "../learner.js";
import { initialWeights } from "./initial-weights.js";
import { type SoftmaxHyper, softmaxRules } from "./linear-hyper.js";
import { linkOf, outputsOf } from "./link-of-task.js";
import { MlpLearner } from "./mlp-learner.js";
import type { Activation, NetworkSpec } from "./network-spec.js";
import { firstVectors } from "./training-sessions.js";

/** Hyperparameters of `mlp`: those of `softmax`, and the hidden layers. */
export interface MlpHyper extends SoftmaxHyper {
  /** Widths of the hidden layers, from the rows on. Default [64]. */
  readonly hidden: readonly number[];
  /** Default `relu`. */
  readonly activation: Activation;
}

const hiddenLayersMax = 8;
const widthMax = 4096;
const aWidth = listOf(whole(1, widthMax));
const hidden: Rule = (value) =>
  Array.isArray(value) && value.length > hiddenLayersMax
    ? `must be at most ${hiddenLayersMax} layers`
    : aWidth(value);

/**
 * A multi-layer perceptron (Rumelhart, Hinton and Williams, "Learning representations by back-propagating
 * errors", 1986) for values, yes or no, and classes; labels that are values are standardised on the way.
 * Needs onnxruntime-node.
 */
export const mlp: OnlineKind<MlpHyper> = {
  name: "mlp",
  tasks: ["regression", "binary", "classes"],
  scaled: true,
  hyper: { ...softmaxRules, hidden, activation: oneOf("relu", "tanh") },
  defaults: {
    hidden: [64],
    activation: "relu",
    optimiser: "adam",
    rate: 0.01,
    decay: 0,
    l1: 0,
    l2: 0,
    stepRows: 32,
  },
  open,
};

async function open(shape: Shape, hyper: MlpHyper, state?: LearnerState): Promise<MlpLearner> {
  const spec: NetworkSpec = {
    ...hyper,
    layers: [shape.width, ...hyper.hidden, outputsOf(shape)],
    link: linkOf(shape.task),
  };
  const { stepRows } = hyper;
  const first = firstVectors(spec, initialWeights(spec, shape.seed));
  const options = { task: shape.task, spec, rate: hyper, stepRows };
  const learner = new MlpLearner(options, first, state);
  await learner.prepare();
  return learner;
}
