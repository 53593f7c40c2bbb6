import { setImmediate as turn } from "node:timers/promises";
import { SeededRandom } from "../../runner/random.js";
import type { LabelledRows, Shape } from "../learners/learner.js";
import { BinnedRows } from "./binned-rows.js";
import { TreeEnsemble } from "./ensemble.js";
import { TreeGrower } from "./grower.js";
import type { GrownTree } from "./grown-tree.js";
import type { Derivatives } from "./histogram.js";
import { bootstrap, columnsUpTo } from "./sampling.js";

/** How a forest is grown. */
export interface ForestHyper {
  readonly trees: number;
  readonly maxLeaves: number;
  /** Levels below the root; 0 for no limit. */
  readonly maxDepth: number;
  /** Rows that a leaf must have at least. */
  readonly minRows: number;
  /** Bins per column that values are put into, by quantiles. */
  readonly bins: number;
  /** The share of the columns that each split may choose from; 0 for their square root, or a third for numbers. */
  readonly columnShare: number;
}

/** Sets these random numbers apart from others of the same seed. */
const salt = 0x666f7265;

/** So that the shares of classes can be told where no tree has seen any of them. */
const unseenShare = 1e-6;

/**
 * A random forest (Breiman, "Random forests", 2001): each tree learns from rows drawn with putting back, and
 * each split chooses among columns drawn anew; the answer is the trees' mean. Splits lower the squared error, which for
 * yes or no is the Gini index. For several classes there is a tree for each, on the same rows. The event loop turns
 * after each column and tree; the rows must stay as they are until then.
 */
export async function growForest(
  rows: LabelledRows,
  shape: Shape,
  hyper: ForestHyper,
): Promise<TreeEnsemble> {
  const random = new SeededRandom();
  random.seed(shape.seed, salt);
  const scores = shape.task === "classes" ? shape.classes : 1;
  const binned = await BinnedRows.of(rows, hyper.bins);
  const { maxLeaves, maxDepth, minRows } = hyper;
  const limits = { maxLeaves, maxDepth, minRows, l2: 0, minGain: 0, minHessian: 0 };
  const columnsPerSplit = columnsPerSplitOf(rows.width, shape, hyper);
  const shrinkage = 1 / hyper.trees;
  const grower = new TreeGrower(binned, { ...limits, shrinkage, columnsPerSplit }, random);
  const columns = columnsUpTo(rows.width);
  const trees: GrownTree[] = [];
  for (let i = 0; i < hyper.trees; i++) {
    const times = bootstrap(rows.count, random);
    for (let score = 0; score < scores; score++) {
      const wanted = shape.task === "classes" ? score : undefined;
      trees.push(grower.grow(meanOf(rows, times, wanted), drawnRows(rows, times), columns));
      await turn();
    }
  }
  return TreeEnsemble.of(trees, new Array(scores).fill(scores > 1 ? unseenShare : 0));
}

function columnsPerSplitOf(width: number, { task }: Shape, { columnShare }: ForestHyper): number {
  const usual = task === "regression" ? width / 3 : Math.sqrt(width);
  return Math.max(1, Math.round(columnShare === 0 ? usual : width * columnShare));
}

/** Derivatives of which a Newton step leads from 0 to the mean: of labels, or of being `wanted`. */
function meanOf(
  { labels, weights }: LabelledRows,
  times: Float64Array,
  wanted: number | undefined,
): Derivatives {
  const hessians = times.map((drawn, row) => drawn * weights[row]!);
  const gradients = hessians.map((weight, row) => {
    if (wanted === undefined) return -labels[row]! * weight;
    return labels[row] === wanted ? -weight : 0;
  });
  return { gradients, hessians };
}

function drawnRows({ weights }: LabelledRows, times: Float64Array): Uint32Array {
  const drawn = new Uint32Array(times.length);
  let count = 0;
  for (let row = 0; row < times.length; row++)
    if (times[row]! > 0 && weights[row]! > 0) drawn[count++] = row;
  return drawn.subarray(0, count);
}
