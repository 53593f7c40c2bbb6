import type { BinnedRows } from "./binned-rows.js";
import { slotsPerBin } from "./histogram.js";

/** Sums over the rows of a node. */
export interface Sums {
  readonly gradient: number;
  readonly hessian: number;
  readonly count: number;
}

/** What a split must keep to. */
export interface SplitLimits {
  /** Rows that a leaf must have at least. */
  readonly minRows: number;
  /** Sum of hessians that a leaf must have at least. */
  readonly minHessian: number;
  /** Added to the sum of hessians: leaves shrink towards 0. */
  readonly l2: number;
  /** What a split must gain at least. */
  readonly minGain: number;
}

/** Rows of which `column`'s bin is at most `bin` (counted over all columns) go left. */
export interface Split {
  readonly gain: number;
  readonly column: number;
  readonly bin: number;
  readonly left: Sums;
}

/** Gains smaller than this share of a node's own score are rounding errors. */
const relativeGainMin = 1e-10;

/**
 * The split of a node with the highest gain among `columns`, found in one pass over its histogram
 * (Chen and Guestrin, "XGBoost", 2016, equation 7). Of equal ones it is the first. Undefined if none is allowed.
 */
export function bestSplit(
  histogram: Float64Array,
  rows: BinnedRows,
  columns: Uint32Array,
  sums: Sums,
  limits: SplitLimits,
): Split | undefined {
  const own = scoreOf(sums.gradient, sums.hessian, limits.l2);
  const best = new BestSplit(own + own * relativeGainMin + limits.minGain);
  for (const column of columns)
    best.scan(histogram, rows.first[column]!, rows.first[column + 1]! - 1, column, sums, limits);
  if (best.column < 0) return undefined;
  const left = { gradient: best.gradient, hessian: best.hessian, count: best.count };
  return { gain: best.score - own, column: best.column, bin: best.bin, left };
}

/** How much a leaf with these sums lowers the loss, times two. */
function scoreOf(gradient: number, hessian: number, l2: number): number {
  return (gradient * gradient) / (hessian + l2);
}

class BestSplit {
  score: number;
  column = -1;
  bin = 0;
  gradient = 0;
  hessian = 0;
  count = 0;

  constructor(floor: number) {
    this.score = floor;
  }

  /** Tries to split behind each bin of one column but the last. */
  scan(
    histogram: Float64Array,
    first: number,
    last: number,
    column: number,
    sums: Sums,
    limits: SplitLimits,
  ): void {
    const { minRows, minHessian, l2 } = limits;
    const mostCount = sums.count - minRows;
    const mostHessian = sums.hessian - minHessian;
    const allGradient = sums.gradient;
    const allHessian = sums.hessian + l2;
    let score = this.score;
    let gradient = 0;
    let hessian = 0;
    let count = 0;
    for (let bin = first, slot = first * slotsPerBin; bin < last; bin++, slot += slotsPerBin) {
      gradient += histogram[slot]!;
      hessian += histogram[slot + 1]!;
      count += histogram[slot + 2]!;
      if (count > mostCount) return;
      if (count < minRows || hessian < minHessian || hessian > mostHessian) continue;
      const rest = allGradient - gradient;
      const gained =
        (gradient * gradient) / (hessian + l2) + (rest * rest) / (allHessian - hessian);
      if (gained <= score) continue;
      score = gained;
      this.score = gained;
      this.column = column;
      this.bin = bin;
      this.gradient = gradient;
      this.hessian = hessian;
      this.count = count;
    }
  }
}
