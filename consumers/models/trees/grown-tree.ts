/**
 * A tree while it grows. The children of a node stand beside each other: `left[node]` and the one after it; 0
 * for a leaf, since no child is the root. `bin` is the split in terms of bins, `values` what a node would
 * answer if it were a leaf.
 */
export class GrownTree {
  readonly columns: number[] = [];
  readonly bins: number[] = [];
  readonly thresholds: number[] = [];
  readonly left: number[] = [];
  readonly values: number[] = [];

  /** Adds a leaf and tells its number. */
  leaf(value: number): number {
    this.columns.push(0);
    this.bins.push(0);
    this.thresholds.push(0);
    this.left.push(0);
    return this.values.push(value) - 1;
  }

  /** Makes a leaf a node: rows whose `column` is at most `threshold`, which is `bin`, go left. */
  split(node: number, column: number, bin: number, threshold: number, left: number): void {
    this.columns[node] = column;
    this.bins[node] = bin;
    this.thresholds[node] = threshold;
    this.left[node] = left;
  }

  /** What the tree answers to a row of bins. */
  valueOf(bins: Uint32Array, row: number, width: number): number {
    const { left, columns } = this;
    let node = 0;
    for (let child = left[0]!; child !== 0; child = left[node]!) {
      const right = bins[row * width + columns[node]!]! > this.bins[node]!;
      node = right ? child + 1 : child;
    }
    return this.values[node]!;
  }
}
