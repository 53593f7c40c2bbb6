import type { LabelledRows, LearnerState } from "../learner.js";
import type { LinearOptions } from "./linear-options.js";
import { vectorIn } from "./network-state.js";

/** How uncertain a weight is before the first row (its variance), and a bias, which has no natural size. */
const weightVariance = 1;
const biasVariance = { identity: 1e9, sigmoid: 100, softmax: 100 } as const;

/**
 * Columns are standardised: a row that is farther out than this many deviations, as the root of the mean
 * square of its columns, counts as if it were there, or one wrong sensor would outweigh all other rows.
 */
const deviationsMax = 10;

/**
 * Newton steps, row by row, for one output: the inverse of the loss's second derivative is kept up to date
 * instead of being computed anew. For values that is recursive least squares, which has after every row
 * the ridge regression of all rows (Plackett, "Some theorems in least squares", 1950); for yes or no the
 * extended Kalman filter of a logistic model, which comes near to its regression in one pass. A row takes
 * time by the square of the columns.
 */
export class Newton {
  readonly #link: "identity" | "sigmoid" | "softmax";
  readonly #drift: number;
  readonly #size: number;
  readonly #largest: number;
  /** The inverse, [size, size]; it stays symmetric to the last bit, since both halves are computed alike. */
  readonly #covariance: Float64Array;
  readonly #gain: Float64Array;
  readonly #row: Float64Array;

  /** At its first row, or where `state` was saved. Throws STATE_CORRUPT. */
  constructor({ spec, drift }: LinearOptions, state?: LearnerState) {
    const [columns = 0] = spec.layers;
    this.#link = spec.link;
    this.#drift = drift;
    this.#size = columns + 1;
    this.#largest = deviationsMax ** 2 * columns;
    const first = uncertain(this.#size, biasVariance[spec.link]);
    this.#covariance = state === undefined ? first : vectorIn(state, "covariance", first);
    this.#gain = new Float64Array(this.#size);
    this.#row = new Float64Array(this.#size).fill(1);
  }

  learn(rows: LabelledRows, targets: Float64Array, parameters: Float64Array): void {
    const { width, count } = rows;
    for (let row = 0; row < count; row++) {
      this.#row.set(rows.values.subarray(row * width, (row + 1) * width));
      const weight = rows.weights[row]!;
      if (weight > 0) this.#learnRow(targets[row]!, weight, parameters);
    }
  }

  save(): LearnerState {
    return { covariance: this.#covariance.slice() };
  }

  #learnRow(target: number, weight: number, parameters: Float64Array): void {
    const [row, gain, size] = [this.#row, this.#gain, this.#size];
    const sum = dot(row, parameters, 0);
    const found = this.#link === "identity" ? sum : 1 / (1 + Math.exp(-sum));
    const counted = weight * Math.min(1, this.#largest / (dot(row, row, 0) - 1));
    const curvature = counted * (this.#link === "identity" ? 1 : found * (1 - found));
    for (let index = 0; index < size; index++)
      gain[index] = dot(row, this.#covariance, index * size);
    const scale = 1 + curvature * dot(row, gain, 0);
    const step = (counted * (target - found)) / scale;
    for (let index = 0; index < size; index++) parameters[index]! += step * gain[index]!;
    this.#narrow(curvature / scale);
  }

  /** What the row has made certain is taken off; what time makes uncertain again is put on. */
  #narrow(share: number): void {
    const [covariance, gain, size] = [this.#covariance, this.#gain, this.#size];
    for (let one = 0; one < size; one++)
      for (let other = 0; other < size; other++)
        covariance[one * size + other]! -= share * (gain[one]! * gain[other]!);
    if (this.#drift === 0) return;
    for (let index = 0; index < size; index++)
      if (covariance[index * size + index]! < weightVariance)
        covariance[index * size + index]! += this.#drift;
  }
}

function uncertain(size: number, ofBias: number): Float64Array {
  const covariance = new Float64Array(size * size);
  for (let index = 0; index < size; index++) covariance[index * size + index] = weightVariance;
  covariance[size * size - 1] = ofBias;
  return covariance;
}

function dot(row: Float64Array, values: Float64Array, from: number): number {
  let sum = 0;
  for (let index = 0; index < row.length; index++) sum += row[index]! * values[from + index]!;
  return sum;
}
