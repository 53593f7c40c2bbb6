import type { LabelledRows } from "../../consumers/models/learners/learner.js";

/** Gives each column mean 0 and variance 1, as it is among the rows that are learnt from. */
export class Standardiser {
  readonly #means: Float64Array;
  readonly #deviations: Float64Array;

  constructor({ width, count, values }: LabelledRows) {
    this.#means = new Float64Array(width);
    this.#deviations = new Float64Array(width);
    for (const [i, value] of values.entries()) this.#means[i % width]! += value / count;
    for (const [i, value] of values.entries())
      this.#deviations[i % width]! += (value - this.#means[i % width]!) ** 2 / count;
    for (const [c, variance] of this.#deviations.entries())
      this.#deviations[c] = Math.sqrt(variance) || 1;
  }

  apply(rows: LabelledRows): LabelledRows {
    const { width } = rows;
    const values = rows.values.map(
      (value, i) => (value - this.#means[i % width]!) / this.#deviations[i % width]!,
    );
    return { ...rows, values };
  }
}
