import { adam, type Optimiser } from "./network-spec.js";

export interface RateOptions {
  readonly optimiser: Optimiser;
  readonly rate: number;
  /** How fast the rate falls: it is rate / sqrt(1 + decay × steps). 0 never forgets to learn. */
  readonly decay: number;
}

/**
 * How far step `step` (from 0) goes. For Adam with its corrections of the first steps, which begin with
 * momentum and squares at 0 (section 2 of its paper, the last formula there).
 */
export function stepRate({ optimiser, rate, decay }: RateOptions, step: number): number {
  const now = rate / Math.sqrt(1 + decay * step);
  if (optimiser === "sgd") return now;
  const { beta1, beta2 } = adam;
  return (now * Math.sqrt(1 - beta2 ** (step + 1))) / (1 - beta1 ** (step + 1));
}
