/** Mean and variance of losses that come one by one: Welford, "Note on a method", 1962. */
export interface Moments {
  /** How many losses they stand for. */
  readonly n: number;
  readonly mean: number;
  /** The sum of squared deviations from the mean. */
  readonly squares: number;
}

export const noMoments: Moments = { n: 0, mean: 0, squares: 0 };

export function withLoss({ n, mean, squares }: Moments, loss: number): Moments {
  const difference = loss - mean;
  const next = mean + difference / (n + 1);
  return { n: n + 1, mean: next, squares: squares + difference * (loss - next) };
}

/** The same mean and variance, standing for half as many: what came earlier counts for less from here on. */
export function halved({ n, mean, squares }: Moments): Moments {
  return { n: n / 2, mean, squares: squares / 2 };
}

/** Standard errors that a difference must exceed: 3, as one looks several times. */
const errorsMin = 3;

/** Whether the mean is worse than the other by more than the tolerance, a share of the other's. */
export function isWorse({ mean }: Moments, than: Moments, tolerance: number): boolean {
  return mean > than.mean + Math.abs(than.mean) * tolerance;
}

/**
 * Whether that is so, and no matter of chance: the means are further apart than three standard errors of
 * their difference, for variances that need not be equal (Welch, 1947).
 */
export function isSurelyWorse(value: Moments, than: Moments, tolerance: number): boolean {
  const error = Math.sqrt(squaredError(value) + squaredError(than));
  return isWorse(value, than, tolerance) && value.mean - than.mean > errorsMin * error;
}

/** Of the mean. */
function squaredError({ n, squares }: Moments): number {
  return n > 1 ? squares / (n - 1) / n : Number.POSITIVE_INFINITY;
}
