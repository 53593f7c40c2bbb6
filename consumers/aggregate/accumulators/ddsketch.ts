/**
 * A sketch of how numbers are distributed: bins whose bounds grow by a constant factor, so that every
 * quantile is right to a relative error (Masson, Rim, Lee: DDSketch, VLDB 2019). It is plain JSON, merges
 * exactly, and does not depend on the order of the values. @datadog/sketches-js, which has the
 * same method, keeps its bins in objects that would have to be rebuilt from JSON for every event.
 */
export interface Sketch {
  count: number;
  zeros: number;
  min: number;
  max: number;
  /** How many bins there are, of both signs. */
  bins: number;
  /** Counts by bin of the values above zero. */
  positive: Bins;
  /** Counts by bin of the magnitudes of the values below zero. */
  negative: Bins;
}

type Bins = Record<string, number>;

/** Bins of a sketch, at most. Past it those next to zero are put together: only they lose exactness. */
export const sketchBinsMax = 2_048;

export function emptySketch(): Sketch {
  return { count: 0, zeros: 0, min: 0, max: 0, bins: 0, positive: {}, negative: {} };
}

/** Adds a finite number. `logGamma` is the logarithm of the factor between bounds. */
export function addToSketch(sketch: Sketch, value: number, logGamma: number): void {
  if (sketch.count === 0 || value < sketch.min) sketch.min = value;
  if (sketch.count === 0 || value > sketch.max) sketch.max = value;
  sketch.count++;
  if (value === 0) sketch.zeros++;
  else {
    const bins = value > 0 ? sketch.positive : sketch.negative;
    raise(sketch, bins, Math.ceil(Math.log(Math.abs(value)) / logGamma), 1);
  }
}

export function mergeSketches(into: Sketch, from: Sketch): Sketch {
  if (from.count === 0) return into;
  if (into.count === 0 || from.min < into.min) into.min = from.min;
  if (into.count === 0 || from.max > into.max) into.max = from.max;
  into.count += from.count;
  into.zeros += from.zeros;
  for (const bin in from.positive) raise(into, into.positive, Number(bin), from.positive[bin]!);
  for (const bin in from.negative) raise(into, into.negative, Number(bin), from.negative[bin]!);
  return into;
}

/** The value below which about `share` of the values lie; null of an empty sketch. */
export function quantileOf(sketch: Sketch, share: number, logGamma: number): number | null {
  if (sketch.count === 0) return null;
  const rank = share * (sketch.count - 1);
  let below = 0;
  const reached = (count: number): boolean => {
    below += count;
    return below > rank;
  };
  const clamped = (value: number): number => Math.min(sketch.max, Math.max(sketch.min, value));
  for (const bin of ascending(sketch.negative).reverse())
    if (reached(sketch.negative[bin]!)) return clamped(-middleOf(bin, logGamma));
  if (reached(sketch.zeros)) return 0;
  for (const bin of ascending(sketch.positive))
    if (reached(sketch.positive[bin]!)) return clamped(middleOf(bin, logGamma));
  return sketch.max;
}

function raise(sketch: Sketch, bins: Bins, bin: number, count: number): void {
  const known = bins[bin];
  bins[bin] = (known ?? 0) + count;
  if (known === undefined && ++sketch.bins > sketchBinsMax) collapse(sketch);
}

/** Puts the lowest eighth of the bins of that sign which has more into one. */
function collapse(sketch: Sketch): void {
  const positive = ascending(sketch.positive);
  const negative = ascending(sketch.negative);
  const more = positive.length >= negative.length;
  const [bins, order] = more ? [sketch.positive, positive] : [sketch.negative, negative];
  const gone = Math.ceil(order.length / 8);
  let count = 0;
  for (const bin of order.slice(0, gone)) {
    count += bins[bin]!;
    delete bins[bin];
  }
  bins[order[gone]!]! += count;
  sketch.bins -= gone;
}

function ascending(bins: Bins): number[] {
  return Object.keys(bins)
    .map(Number)
    .sort((a, b) => a - b);
}

/** The value of a bin whose relative distance to both bounds is the same. */
function middleOf(bin: number, logGamma: number): number {
  const upper = Math.exp(bin * logGamma);
  return (2 * upper) / (Math.exp(logGamma) + 1);
}
