import type { Metrics } from "./metrics.js";

/** Numbers of a tally, by name, as JSON. */
export type TallyState = Readonly<Record<string, number | readonly number[]>>;

/** Adds predictions up against their labels. */
export interface Tally {
  /** Takes the prediction that is at `at` in `outputs`; returns its loss. */
  add(label: number, outputs: Float64Array, at: number): number;
  metrics(): Metrics;
  readonly state: TallyState;
}

/** A probability for which the logarithm is still of use. */
export const leastProbability = 1e-7;

/** −ln of a probability. */
export function logLossOf(probability: number): number {
  return -Math.log(Math.min(1, Math.max(leastProbability, probability)));
}

/** A share, or null of nothing. */
export function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
