import { between, type Rules, whole } from "../../plugin/option-rules.js";
import type { BatchKind, Shape } from "../learners/learner.js";
import { type BoostingHyper, boost } from "./boosting.js";
import type { Link } from "./links.js";
import { type Loss, logLoss, softmaxLoss, squaredLoss } from "./losses.js";
import { binsMax, leavesMax, treesMax } from "./tree-limits.js";
import { TreePredictor } from "./tree-predictor.js";

const hyper: Rules<BoostingHyper> = {
  trees: whole(1, treesMax),
  learningRate: between(1e-6, 1),
  maxLeaves: whole(2, leavesMax),
  maxDepth: whole(0, 64),
  minRows: whole(1, 1_000_000_000),
  l2: between(0, 1e9),
  minGain: between(0, 1e9),
  bins: whole(2, binsMax),
  rowShare: between(1e-6, 1),
  columnShare: between(1e-6, 1),
  holdout: between(0, 0.9),
  patience: whole(1, treesMax),
};

const defaults: BoostingHyper = {
  trees: 100,
  learningRate: 0.1,
  maxLeaves: 31,
  maxDepth: 0,
  minRows: 20,
  l2: 0,
  minGain: 0,
  bins: 255,
  rowShare: 1,
  columnShare: 1,
  holdout: 0,
  patience: 10,
};

/**
 * Gradient-boosted trees: see `boost` for the papers. For numbers, yes or no, and classes. A column's values
 * may be missing: such rows go left. Any monotone change of a column changes nothing.
 */
export const boostedTrees: BatchKind<BoostingHyper> = {
  name: "gbdt",
  tasks: ["regression", "binary", "classes"],
  scaled: false,
  hyper,
  defaults,
  fit: async (rows, shape, given) => {
    const { loss, link } = lossFor(shape);
    return new TreePredictor(shape.task, await boost(rows, loss, given, shape.seed), link);
  },
  restore: (state, shape) => TreePredictor.restore(state, shape.task),
};

function lossFor({ task, classes }: Shape): { loss: Loss; link: Link } {
  if (task === "regression") return { loss: squaredLoss, link: "value" };
  if (task === "binary") return { loss: logLoss, link: "sigmoid" };
  return { loss: softmaxLoss(classes), link: "softmax" };
}
