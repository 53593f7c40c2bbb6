import { between, type Rules, whole } from "../../plugin/option-rules.js";
import type { BatchKind, Task } from "../learners/learner.js";
import { type ForestHyper, growForest } from "./forest.js";
import type { Link } from "./links.js";
import { binsMax, leavesMax, treesMax } from "./tree-limits.js";
import { TreePredictor } from "./tree-predictor.js";

const hyper: Rules<ForestHyper> = {
  trees: whole(1, treesMax),
  maxLeaves: whole(2, leavesMax),
  maxDepth: whole(0, 64),
  minRows: whole(1, 1_000_000_000),
  bins: whole(2, binsMax),
  columnShare: between(0, 1),
};

const defaults: ForestHyper = {
  trees: 100,
  maxLeaves: 4096,
  maxDepth: 0,
  minRows: 1,
  bins: 255,
  columnShare: 0,
};

const links: Partial<Record<Task, Link>> = { binary: "unit", classes: "shares" };

/** Random forest: see `growForest` for the paper. For numbers, yes or no, and classes; missing values go left. */
export const forest: BatchKind<ForestHyper> = {
  name: "forest",
  tasks: ["regression", "binary", "classes"],
  scaled: false,
  hyper,
  defaults,
  fit: async (rows, shape, given) => {
    const ensemble = await growForest(rows, shape, given);
    return new TreePredictor(shape.task, ensemble, links[shape.task] ?? "value");
  },
  restore: (state, shape) => TreePredictor.restore(state, shape.task),
};
