import TinyQueue from "tinyqueue";
import type { SeededRandom } from "../../runner/random.js";
import type { BinnedRows } from "./binned-rows.js";
import { GrownTree } from "./grown-tree.js";
import { addRows, addRowsOf, type Derivatives, slotsPerBin, subtract } from "./histogram.js";
import { HistogramPool } from "./histogram-pool.js";
import { someColumns } from "./sampling.js";
import { bestSplit, type Split, type SplitLimits, type Sums } from "./split.js";

/** How far a tree may grow. */
export interface GrowLimits extends SplitLimits {
  readonly maxLeaves: number;
  /** Levels below the root; 0 for no limit. */
  readonly maxDepth: number;
  /** What leaves' values are multiplied with. */
  readonly shrinkage: number;
  /** How many columns each split may choose from, drawn anew for each; undefined for all. */
  readonly columnsPerSplit?: number;
}

/** Rows of a node, `order[from..to)`, and what they add up to. */
interface Leaf extends Sums {
  readonly node: number;
  readonly from: number;
  readonly to: number;
  readonly depth: number;
  split?: Split;
  histogram?: Float64Array;
}

/**
 * Grows trees leaf by leaf: always the leaf whose split gains most (Shi, "Best-first decision tree learning", 2007;
 * Ke et al., "LightGBM", 2017), by histograms of which the larger child's is the parent's less the smaller child's.
 */
export class TreeGrower {
  readonly #rows: BinnedRows;
  readonly #limits: GrowLimits;
  readonly #random: SeededRandom;
  readonly #pool: HistogramPool;
  readonly #few: Float64Array;
  readonly #spare: Uint32Array;
  #columns: Uint32Array = new Uint32Array(0);
  #order: Uint32Array = new Uint32Array(0);
  #derivatives: Derivatives = { gradients: new Float64Array(0), hessians: new Float64Array(0) };
  #tree = new GrownTree();

  constructor(rows: BinnedRows, limits: GrowLimits, random: SeededRandom) {
    this.#rows = rows;
    this.#limits = limits;
    this.#random = random;
    this.#pool = new HistogramPool(rows.total * slotsPerBin);
    this.#few = new Float64Array(
      limits.columnsPerSplit === undefined ? 0 : rows.total * slotsPerBin,
    );
    this.#spare = new Uint32Array(rows.count);
  }

  /**
   * Grows a tree on the rows that `order` lists, and puts these into the order of its leaves. `added(value, from,
   * to)` is called for each leaf, with its rows.
   */
  grow(
    derivatives: Derivatives,
    order: Uint32Array,
    columns: Uint32Array,
    added: (value: number, from: number, to: number) => void = () => undefined,
  ): GrownTree {
    this.#derivatives = derivatives;
    this.#order = order;
    this.#columns = columns;
    this.#tree = new GrownTree();
    const open = new TinyQueue<Leaf>(
      [],
      (a, b) => b.split!.gain - a.split!.gain || a.node - b.node,
    );
    const keep = (leaf: Leaf) => {
      if (leaf.split !== undefined) open.push(leaf);
      else added(this.#tree.values[leaf.node]!, leaf.from, leaf.to);
    };
    keep(this.#root());
    for (let leaves = 1; open.length > 0; ) {
      const leaf = open.pop()!;
      if (leaves === this.#limits.maxLeaves) keep(this.#closed(leaf));
      else for (const child of this.#divide(leaf, ++leaves)) keep(child);
    }
    return this.#tree;
  }

  #root(): Leaf {
    const { gradients, hessians } = this.#derivatives;
    let gradient = 0;
    let hessian = 0;
    for (const row of this.#order) {
      gradient += gradients[row]!;
      hessian += hessians[row]!;
    }
    const count = this.#order.length;
    const root = this.#leaf({ gradient, hessian, count }, 0, 0);
    if (this.#mayDivide(root)) this.#seek(root, this.#histogramOf(root));
    return root;
  }

  #leaf(sums: Sums, from: number, depth: number): Leaf {
    const { l2, shrinkage } = this.#limits;
    const weight = sums.hessian + l2;
    const value = weight > 0 ? (-sums.gradient / weight) * shrinkage : 0;
    // Single precision, as in the exported file, so that training sees what will be predicted.
    const node = this.#tree.leaf(Math.fround(value));
    return { node, ...sums, from, to: from + sums.count, depth };
  }

  /** A leaf that stays one. */
  #closed({ histogram, split: _, ...leaf }: Leaf): Leaf {
    this.#pool.give(histogram);
    return leaf;
  }

  #divide(leaf: Leaf, leaves: number): readonly [Leaf, Leaf] {
    const { column, bin, left: sums } = leaf.split!;
    const middle = this.#partition(leaf, column, bin);
    const left = this.#leaf(sums, leaf.from, leaf.depth + 1);
    const right = this.#leaf(
      {
        gradient: leaf.gradient - sums.gradient,
        hessian: leaf.hessian - sums.hessian,
        count: leaf.count - sums.count,
      },
      middle,
      leaf.depth + 1,
    );
    this.#tree.split(leaf.node, column, bin, this.#rows.threshold(column, bin), left.node);
    if (leaves < this.#limits.maxLeaves) this.#seekBoth(leaf, left, right);
    else this.#pool.give(leaf.histogram);
    return [left, right];
  }

  #seekBoth(parent: Leaf, left: Leaf, right: Leaf): void {
    const [small, large] = left.count <= right.count ? [left, right] : [right, left];
    const seekSmall = this.#mayDivide(small);
    const seekLarge = this.#mayDivide(large);
    if (parent.histogram === undefined) {
      if (seekSmall) this.#seek(small, this.#histogramOf(small));
      if (seekLarge) this.#seek(large, this.#histogramOf(large));
      return;
    }
    if (!seekLarge) {
      this.#pool.give(parent.histogram);
      return;
    }
    const histogram = this.#histogramOf(small)!;
    subtract(parent.histogram, histogram);
    this.#seek(large, parent.histogram);
    if (seekSmall) this.#seek(small, histogram);
    else this.#pool.give(histogram);
  }

  #mayDivide(leaf: Leaf): boolean {
    const { maxDepth, minRows } = this.#limits;
    return leaf.count >= 2 * minRows && (maxDepth === 0 || leaf.depth < maxDepth);
  }

  /** A histogram of the leaf's rows; where each split draws its own columns, none is kept. */
  #histogramOf(leaf: Leaf): Float64Array | undefined {
    if (this.#limits.columnsPerSplit !== undefined) return undefined;
    const histogram = this.#pool.take();
    addRows(histogram, this.#rows, this.#derivatives, this.#order, leaf.from, leaf.to);
    return histogram;
  }

  /** Looks for the leaf's best split, and keeps the histogram only if it will be of use. */
  #seek(leaf: Leaf, histogram: Float64Array | undefined): void {
    if (histogram === undefined) {
      this.#seekAmongFew(leaf);
      return;
    }
    const split = bestSplit(histogram, this.#rows, this.#columns, leaf, this.#limits);
    if (split === undefined) {
      this.#pool.give(histogram);
      return;
    }
    leaf.split = split;
    leaf.histogram = histogram;
  }

  /** Looks among columns that are drawn anew, in a histogram of which only their part is used. */
  #seekAmongFew(leaf: Leaf): void {
    const rows = this.#rows;
    const columns = someColumns(this.#columns, this.#limits.columnsPerSplit!, this.#random);
    for (const column of columns)
      this.#few.fill(0, rows.first[column]! * slotsPerBin, rows.first[column + 1]! * slotsPerBin);
    addRowsOf(columns, this.#few, rows, this.#derivatives, this.#order, leaf.from, leaf.to);
    const split = bestSplit(this.#few, rows, columns, leaf, this.#limits);
    if (split !== undefined) leaf.split = split;
  }

  /** Puts the rows that go left before the others, each in their order. Tells where the others begin. */
  #partition(leaf: Leaf, column: number, bin: number): number {
    const order = this.#order;
    const spare = this.#spare;
    const { bins, width } = this.#rows;
    let left = leaf.from;
    let right = 0;
    for (let i = leaf.from; i < leaf.to; i++) {
      const row = order[i]!;
      if (bins[row * width + column]! <= bin) order[left++] = row;
      else spare[right++] = row;
    }
    order.set(spare.subarray(0, right), left);
    return left;
  }
}
