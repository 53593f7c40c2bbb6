/** No more rows than this are sorted to find a column's quantiles; of longer ones, every n-th row. */
export const quantileRowsMax = 200_000;

/**
 * Cuts the values of a column at their quantiles, into at most `binsMax` bins: value x is in bin
 * `i + 1` when `cuts[i]` is the first cut that is not below it, and in bin 0 when it is missing
 * (NaN, or -Infinity, which every threshold sends the same way). Cuts are single-precision numbers, half way
 * between two values that occur, so that comparing in single precision, as ONNX Runtime does, puts no row elsewhere.
 */
export function cutsOf(sample: Float32Array, binsMax: number): Float32Array {
  const sorted = sample.filter((value) => value > Number.NEGATIVE_INFINITY).sort();
  const distinct = distinctOf(sorted, binsMax);
  const cuts = distinct === undefined ? atQuantiles(sorted, binsMax) : betweenNeighbours(distinct);
  return Float32Array.from(cuts);
}

/** The values of one column, every n-th row where there are many. */
export function sampleOf(
  values: Float64Array,
  width: number,
  column: number,
  count: number,
): Float32Array {
  const step = Math.max(1, Math.ceil(count / quantileRowsMax));
  const sample = new Float32Array(Math.ceil(count / step));
  for (let i = 0; i < sample.length; i++) sample[i] = values[i * step * width + column]!;
  return sample;
}

/** The bin of a value, from the cuts of its column. */
export function binOf(value: number, cuts: Float32Array): number {
  if (!(value > Number.NEGATIVE_INFINITY)) return 0;
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value <= cuts[middle]!) high = middle;
    else low = middle + 1;
  }
  return low + 1;
}

/** The different values of a sorted list; undefined if there are more than `most`. */
function distinctOf(sorted: Float32Array, most: number): number[] | undefined {
  const distinct: number[] = [];
  for (let i = 0; i < sorted.length; i++) {
    if (i > 0 && sorted[i] === sorted[i - 1]) continue;
    if (distinct.length === most) return undefined;
    distinct.push(sorted[i]!);
  }
  return distinct;
}

function betweenNeighbours(distinct: readonly number[]): number[] {
  return distinct.slice(1).map((value, i) => between(distinct[i]!, value));
}

function atQuantiles(sorted: Float32Array, binsMax: number): number[] {
  const cuts: number[] = [];
  for (let i = 1; i < binsMax; i++) {
    const value = sorted[Math.floor((i * sorted.length) / binsMax) - 1]!;
    const next = sorted[firstAbove(value, sorted)];
    if (next === undefined) break;
    const cut = between(value, next);
    if (cut !== cuts.at(-1)) cuts.push(cut);
  }
  return cuts;
}

/** Where the numbers above `value` begin. */
function firstAbove(value: number, sorted: Float32Array): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** A single-precision number that is not below `lower` and, if they differ, below `upper`. */
function between(lower: number, upper: number): number {
  const middle = Math.fround((lower + upper) / 2);
  return middle < upper && middle >= lower ? middle : lower;
}
