import type { LearnerState } from "../learners/learner.js";
import type { GraphBuilder } from "../onnx/graph-builder.js";

/** Deviations from the mean that count, in standard deviations: one row must not throw a learner off. */
const farthest = 10;
/** `TensorProto.DataType.BOOL`. */
const toBool = 9;

/**
 * Standardises columns by the mean and standard deviation of what has come so far (Welford, "Note on a method for
 * calculating corrected sums of squares and products", 1962). What is missing becomes the mean, which is 0.
 */
export class RunningScaler {
  /** By column: whether it is standardised; others pass as they are. */
  readonly #columns: readonly boolean[];
  readonly #counts: Float64Array;
  readonly #means: Float64Array;
  readonly #squares: Float64Array;

  constructor(columns: readonly boolean[], state?: LearnerState) {
    this.#columns = columns;
    const { length } = columns;
    this.#counts = (state?.counts as Float64Array | undefined) ?? new Float64Array(length);
    this.#means = (state?.means as Float64Array | undefined) ?? new Float64Array(length);
    this.#squares = (state?.squares as Float64Array | undefined) ?? new Float64Array(length);
  }

  /** Takes a row in, from `at` on. */
  observe(values: Float64Array, at: number): void {
    for (let column = 0; column < this.#columns.length; column++) {
      const value = values[at + column]!;
      if (!this.#columns[column] || Number.isNaN(value)) continue;
      const count = ++this.#counts[column]!;
      const distance = value - this.#means[column]!;
      const mean = this.#means[column]! + distance / count;
      this.#means[column] = mean;
      this.#squares[column]! += distance * (value - mean);
    }
  }

  /** Writes a row to `out`, standardised. */
  transform(values: Float64Array, at: number, out: Float64Array, outAt: number): void {
    for (let column = 0; column < this.#columns.length; column++) {
      const value = values[at + column]!;
      out[outAt + column] = this.#columns[column]
        ? Number.isNaN(value)
          ? 0
          : clamp((value - this.#means[column]!) / this.#deviation(column))
        : value;
    }
  }

  save(): LearnerState {
    const [counts, means, squares] = [this.#counts, this.#means, this.#squares];
    return { counts: counts.slice(), means: means.slice(), squares: squares.slice() };
  }

  /**
   * Adds the same to a graph, from [N, width] to [N, width]. A mean is subtracted in two parts, of which the first
   * is nearest to it in 32 bits: large values that hardly differ keep their digits.
   */
  addTo(graph: GraphBuilder, input: string): string {
    const width = this.#columns.length;
    const row = (of: (column: number) => number): string =>
      graph.constant(
        [width],
        Float32Array.from({ length: width }, (_, column) => of(column)),
      );
    const used = (column: number): number => (this.#columns[column] ? this.#means[column]! : 0);
    const high = row(used);
    const low = row((column) => used(column) - Math.fround(used(column)));
    const deviations = row((column) => (this.#columns[column] ? this.#deviation(column) : 1));
    const [zero, least, most] = [0, -farthest, farthest].map((value) =>
      graph.constant([], Float32Array.of(value)),
    ) as [string, string, string];
    const centred = graph.node("Sub", [graph.node("Sub", [input, high]), low]);
    const scaled = graph.node("Div", [centred, deviations]);
    const filled = graph.node("Where", [graph.node("IsNaN", [input]), zero, scaled]);
    const clipped = graph.node("Clip", [filled, least, most]);
    if (this.#columns.every(Boolean)) return clipped;
    const mask = row((column) => (this.#columns[column] ? 1 : 0));
    return graph.node("Where", [graph.node("Cast", [mask], { to: toBool }), clipped, input]);
  }

  /** 1 where all values are the same, so far. */
  #deviation(column: number): number {
    const variance = this.#squares[column]! / this.#counts[column]!;
    return variance > 0 ? Math.sqrt(variance) : 1;
  }
}

function clamp(value: number): number {
  return value > farthest ? farthest : value < -farthest ? -farthest : value;
}
