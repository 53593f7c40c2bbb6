import { setImmediate as turn } from "node:timers/promises";
import { SeededRandom } from "../../runner/random.js";
import type { LabelledRows } from "../learners/learner.js";
import { BinnedRows } from "./binned-rows.js";
import { TreeEnsemble } from "./ensemble.js";
import { type GrowLimits, TreeGrower } from "./grower.js";
import type { GrownTree } from "./grown-tree.js";
import type { Derivatives } from "./histogram.js";
import type { Loss } from "./losses.js";
import { columnsUpTo, someColumns, someRows } from "./sampling.js";

/** How trees are boosted. */
export interface BoostingHyper {
  /** Rounds; each grows a tree, or one for each class. */
  readonly trees: number;
  /** What each tree's answer is multiplied with. */
  readonly learningRate: number;
  readonly maxLeaves: number;
  /** Levels below the root; 0 for no limit. */
  readonly maxDepth: number;
  /** Rows that a leaf must have at least. */
  readonly minRows: number;
  readonly l2: number;
  readonly minGain: number;
  /** Bins per column that values are put into, by quantiles. */
  readonly bins: number;
  /** The share of the rows, drawn anew, that each round learns from. */
  readonly rowShare: number;
  /** The share of the columns, drawn anew, that each round may ask about. */
  readonly columnShare: number;
  /** The share of the rows, the last ones, that are not learnt from but tell when to stop; 0 for none. */
  readonly holdout: number;
  /** Rounds without a lower loss of the held back rows after which it stops. */
  readonly patience: number;
}

/** Leaves of which the second derivatives add up to less would be guesses. */
const minHessian = 1e-3;

/** Sets these random numbers apart from others of the same seed. */
const salt = 0x74726565;

/**
 * Gradient boosting (Friedman, "Greedy function approximation: a gradient boosting machine", 2001; rows drawn anew
 * for each round: "Stochastic gradient boosting", 2002), each tree by Newton steps on histograms, as in XGBoost
 * (Chen and Guestrin, 2016) and LightGBM (Ke et al., 2017). The event loop turns after each column and round; the rows must stay as
 * they are until then.
 */
export async function boost(
  rows: LabelledRows,
  loss: Loss,
  hyper: BoostingHyper,
  seed: number,
): Promise<TreeEnsemble> {
  const fitted = rows.count - Math.floor(rows.count * hyper.holdout);
  const binned = await BinnedRows.of(rows, hyper.bins, fitted);
  const booster = new Booster({ rows, binned, fitted }, loss, hyper, seed);
  while (booster.round()) await turn();
  return booster.ensemble();
}

class Booster {
  readonly #rows: LabelledRows;
  readonly #loss: Loss;
  readonly #hyper: BoostingHyper;
  /** Rows that are learnt from: those from here on only tell when to stop. */
  readonly #fitted: number;
  readonly #binned: BinnedRows;
  readonly #grower: TreeGrower;
  readonly #random = new SeededRandom();
  readonly #base: Float32Array;
  readonly #scores: Float64Array;
  readonly #derivatives: readonly Derivatives[];
  readonly #trees: GrownTree[] = [];
  #best = { loss: Number.POSITIVE_INFINITY, trees: 0 };

  constructor(
    {
      rows,
      binned,
      fitted,
    }: { readonly rows: LabelledRows; readonly binned: BinnedRows; readonly fitted: number },
    loss: Loss,
    hyper: BoostingHyper,
    seed: number,
  ) {
    this.#rows = rows;
    this.#loss = loss;
    this.#hyper = hyper;
    this.#fitted = fitted;
    this.#random.seed(seed, salt);
    this.#binned = binned;
    this.#grower = new TreeGrower(this.#binned, limitsOf(hyper), this.#random);
    this.#base = Float32Array.from(loss.base(rows, this.#fitted));
    this.#scores = Float64Array.from(
      { length: rows.count * loss.scores },
      (_, i) => this.#base[i % loss.scores]!,
    );
    this.#derivatives = Array.from({ length: loss.scores }, () => ({
      gradients: new Float64Array(this.#fitted),
      hessians: new Float64Array(this.#fitted),
    }));
  }

  /** Grows the trees of a round; false when no more are wanted. */
  round(): boolean {
    const { trees, patience, rowShare, columnShare } = this.#hyper;
    const { scores } = this.#loss;
    if (
      this.#trees.length >= trees * scores ||
      this.#trees.length - this.#best.trees >= patience * scores
    )
      return false;
    const order = someRows(this.#fitted, rowShare, this.#random);
    const width = this.#binned.width;
    const most = Math.max(1, Math.round(width * columnShare));
    const columns = someColumns(columnsUpTo(width), most, this.#random);
    // Before the first tree: it changes the scores of which the others' derivatives are.
    this.#derivatives.forEach(({ gradients, hessians }, score) => {
      this.#loss.derive(this.#scores, this.#rows, score, this.#fitted, gradients, hessians);
    });
    for (let score = 0; score < scores; score++) this.#addTree(score, order, columns);
    this.#judge();
    return true;
  }

  /** All trees; if rows were held back, those up to the lowest loss. */
  ensemble(): TreeEnsemble {
    return TreeEnsemble.of(this.#trees.slice(0, this.#best.trees), this.#base);
  }

  #addTree(score: number, order: Uint32Array, columns: Uint32Array): void {
    const step = this.#loss.scores;
    const scores = this.#scores;
    const sampled = order.length < this.#fitted;
    const tree = this.#grower.grow(this.#derivatives[score]!, order, columns, (value, from, to) => {
      if (sampled) return;
      for (let i = from; i < to; i++) scores[order[i]! * step + score]! += value;
    });
    this.#trees.push(tree);
    const { bins, width } = this.#binned;
    for (let row = sampled ? 0 : this.#fitted; row < this.#rows.count; row++)
      scores[row * step + score]! += tree.valueOf(bins, row, width);
  }

  #judge(): void {
    const { count } = this.#rows;
    if (this.#fitted === count) {
      this.#best.trees = this.#trees.length;
      return;
    }
    const loss = this.#loss.mean(this.#scores, this.#rows, this.#fitted, count);
    if (loss < this.#best.loss) this.#best = { loss, trees: this.#trees.length };
  }
}

function limitsOf(hyper: BoostingHyper): GrowLimits {
  const { maxLeaves, maxDepth, minRows, l2, minGain, learningRate } = hyper;
  return { maxLeaves, maxDepth, minRows, l2, minGain, minHessian, shrinkage: learningRate };
}
