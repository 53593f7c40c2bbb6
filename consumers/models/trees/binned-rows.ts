import { setImmediate as turn } from "node:timers/promises";
import { binOf, cutsOf, sampleOf } from "./cuts.js";

interface RawRows {
  readonly width: number;
  readonly count: number;
  readonly values: Float64Array;
}

/**
 * Rows of features as numbers of bins, for growing trees: bin `b` of column `c` is `first[c] + b`, so that one
 * number says where in a histogram of all columns a value counts. Row after row, since the
 * histogram of a leaf reads all columns of a row at once.
 */
export class BinnedRows {
  readonly width: number;
  readonly count: number;
  /** `count` × `width` numbers of bins. */
  readonly bins: Uint32Array;
  /** The first bin of each column, and at the end how many bins there are in all. */
  readonly first: Uint32Array;
  readonly cuts: readonly Float32Array[];

  private constructor(rows: RawRows, cuts: readonly Float32Array[]) {
    this.width = rows.width;
    this.count = rows.count;
    this.cuts = cuts;
    this.first = new Uint32Array(rows.width + 1);
    // One more than the bins between cuts, for what is missing.
    this.cuts.forEach((cuts, column) => {
      this.first[column + 1] = this.first[column]! + cuts.length + 2;
    });
    this.bins = new Uint32Array(rows.count * rows.width);
  }

  /**
   * Quantiles are those of the first `fitted` rows: what is held back must not be looked at. The event loop turns
   * after each column; the rows must stay as they are until then.
   */
  static async of(rows: RawRows, binsMax: number, fitted = rows.count): Promise<BinnedRows> {
    const { width, values } = rows;
    const cuts: Float32Array[] = [];
    for (let column = 0; column < width; column++) {
      cuts.push(cutsOf(sampleOf(values, width, column, fitted), binsMax));
      await turn();
    }
    const binned = new BinnedRows(rows, cuts);
    for (let column = 0; column < width; column++) {
      binned.#fill(values, column);
      await turn();
    }
    return binned;
  }

  /** How many bins all columns have together. */
  get total(): number {
    return this.first[this.width]!;
  }

  /** The threshold below or at which values are in `bin` (of all columns' bins) or one before. */
  threshold(column: number, bin: number): number {
    const within = bin - this.first[column]!;
    return within === 0 ? Number.NEGATIVE_INFINITY : this.cuts[column]![within - 1]!;
  }

  #fill(values: Float64Array, column: number): void {
    const { bins, width } = this;
    const cuts = this.cuts[column]!;
    const first = this.first[column]!;
    for (let at = column; at < bins.length; at += width)
      bins[at] = first + binOf(Math.fround(values[at]!), cuts);
  }
}
