/** Histograms of one size, used again rather than made anew for each node. */
export class HistogramPool {
  readonly #free: Float64Array[] = [];
  readonly #length: number;

  constructor(length: number) {
    this.#length = length;
  }

  /** A histogram of zeros. */
  take(): Float64Array {
    const used = this.#free.pop();
    if (used === undefined) return new Float64Array(this.#length);
    return used.fill(0);
  }

  give(histogram: Float64Array | undefined): void {
    if (histogram !== undefined) this.#free.push(histogram);
  }
}
