/** A compensated sum: the sum, and beside it what rounding has taken away so far. */
export type Summation = [sum: number, lost: number];

/**
 * Adds `value` at `place` of an array that holds a sum and, after it, what rounding took from it
 * (Neumaier 1974, the improved Kahan-Babuška algorithm). The error does not grow with the number of terms, so
 * a window that is merged from many parts is as exact as one summed at once.
 */
export function addTo(sums: number[], place: number, value: number): void {
  const sum = sums[place]!;
  const total = finite(sum + value);
  sums[place + 1]! +=
    Math.abs(sum) >= Math.abs(value) ? finite(sum - total + value) : finite(value - total + sum);
  sums[place] = total;
}

/** The sum at `place`, with what rounding had taken. */
export function sumAt(sums: readonly number[], place: number): number {
  return finite(sums[place]! + sums[place + 1]!);
}

/** States are JSON, which has no infinity: what overflows stays at the largest number there is. */
export function finite(value: number): number {
  if (value > Number.MAX_VALUE) return Number.MAX_VALUE;
  return value < -Number.MAX_VALUE ? -Number.MAX_VALUE : value;
}
