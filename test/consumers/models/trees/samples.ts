import type { LabelledRows } from "../../../../consumers/models/learners/learner.js";
import { SeededRandom } from "../../../../consumers/runner/random.js";

/** Seeded numbers between 0 and 1. */
export function randomOf(seed: number): () => number {
  const random = new SeededRandom();
  random.seed(seed, 7);
  return () => random.next();
}

export function rowsOf(
  width: number,
  values: ArrayLike<number>,
  labels: ArrayLike<number>,
  weights?: ArrayLike<number>,
): LabelledRows {
  const count = labels.length;
  return {
    width,
    count,
    values: Float64Array.from(values),
    labels: Float64Array.from(labels),
    weights: weights === undefined ? new Float64Array(count).fill(1) : Float64Array.from(weights),
  };
}

/** Rows of numbers about 0, some missing, and what `labelOf` says of each. */
export function randomRows(
  count: number,
  width: number,
  seed: number,
  labelOf: (row: Float64Array, noise: number) => number,
  missing = 0.05,
): LabelledRows {
  const next = randomOf(seed);
  const values = new Float64Array(count * width);
  const labels = new Float64Array(count);
  for (let row = 0; row < count; row++) {
    const part = values.subarray(row * width, row * width + width);
    for (let c = 0; c < width; c++) part[c] = next() < missing ? Number.NaN : 4 * next() - 2;
    labels[row] = labelOf(part, next());
  }
  return rowsOf(width, values, labels);
}

/** What depends on two columns together, so that no sum of columns tells it. */
export const crossed = (row: Float64Array, noise: number): number =>
  (row[0]! || 0) * (row[1]! || 0) + (noise - 0.5) > 0 ? 1 : 0;

export const curved = (row: Float64Array, noise: number): number =>
  10 + Math.sin(2 * (row[0]! || 0)) * 3 + (row[1]! || 0) ** 2 + noise - 0.5;

export const inThree = (row: Float64Array, noise: number): number => {
  const value = (row[0]! || 0) + (row[1]! || 0) ** 2 + (noise - 0.5);
  return value < 0.3 ? 0 : value < 1.6 ? 1 : 2;
};
