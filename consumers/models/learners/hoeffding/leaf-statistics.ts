import { normalBelow } from "./normal.js";

/** Places that are tried between the least and the greatest value of a column. */
const candidates = 10;

/** What a leaf keeps for each column and class: weight, mean, sum of squared deviations, least, greatest. */
const perClass = 5;

/** The best place to split by one column, and the classes' weights on both sides, left before right. */
export interface ColumnSplit {
  readonly merit: number;
  readonly feature: number;
  readonly threshold: number;
  readonly weights: Float64Array;
}

/**
 * What a leaf of a Hoeffding tree has seen: the classes' weights, and a normal distribution of each column for each
 * class (Gama, Medas and Rodrigues, "Learning decision trees from dynamic data streams", 2005). One array:
 * what the classes weighed when a split was last tried, the classes' weights, then `perClass` numbers
 * for each column and class.
 */
export class LeafStatistics {
  readonly numbers: Float64Array;
  readonly #classes: number;

  /** `numbers`: those of `lengthOf` length that were saved; undefined for an empty leaf. */
  constructor(width: number, classes: number, numbers?: Float64Array) {
    this.#classes = classes;
    this.numbers = numbers ?? new Float64Array(LeafStatistics.lengthOf(width, classes));
  }

  static lengthOf(width: number, classes: number): number {
    return 1 + classes + width * classes * perClass;
  }

  get weight(): number {
    let sum = 0;
    for (let k = 1; k <= this.#classes; k++) sum += this.numbers[k]!;
    return sum;
  }

  /** Whether enough was seen of more than one class to try a split again. */
  due(grace: number): boolean {
    return this.weight - this.numbers[0]! >= grace && this.#classesSeen() > 1;
  }

  tried(): void {
    this.numbers[0] = this.weight;
  }

  #classesSeen(): number {
    let seen = 0;
    for (let k = 1; k <= this.#classes; k++) if (this.numbers[k]! > 0) seen++;
    return seen;
  }

  /** The classes' weights, as a view. */
  get weights(): Float64Array {
    return this.numbers.subarray(1, 1 + this.#classes);
  }

  /** Adds a row; what is missing in it is not added (West, "Updating mean and variance estimates", 1979). */
  add(row: Float32Array, label: number, weight: number): void {
    const { numbers } = this;
    numbers[1 + label]! += weight;
    const step = this.#classes * perClass;
    let at = 1 + this.#classes + label * perClass;
    for (let c = 0; c < row.length; c++, at += step) {
      const value = row[c]!;
      if (value - value !== 0) continue;
      const first = numbers[at] === 0;
      const sum = numbers[at]! + weight;
      const apart = value - numbers[at + 1]!;
      numbers[at] = sum;
      numbers[at + 1]! += (apart * weight) / sum;
      numbers[at + 2]! += weight * apart * (value - numbers[at + 1]!);
      if (first || value < numbers[at + 3]!) numbers[at + 3] = value;
      if (first || value > numbers[at + 4]!) numbers[at + 4] = value;
    }
  }

  /** The best split by `feature`; undefined if it has but one value. */
  bestSplit(feature: number): ColumnSplit | undefined {
    const [least, greatest] = this.#rangeOf(feature);
    let best: ColumnSplit | undefined;
    for (let i = 1; i <= candidates; i++) {
      const threshold = Math.fround(least + ((greatest - least) * i) / (candidates + 1));
      if (!(threshold >= least && threshold < greatest)) continue;
      const weights = this.#divided(feature, threshold);
      const merit = gainOf(weights, this.#classes);
      if (best === undefined || merit > best.merit) best = { merit, feature, threshold, weights };
    }
    return best;
  }

  #rangeOf(feature: number): [number, number] {
    let least = Number.POSITIVE_INFINITY;
    let greatest = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < this.#classes; k++) {
      const at = this.#at(feature, k);
      if (this.numbers[at] === 0) continue;
      least = Math.min(least, this.numbers[at + 3]!);
      greatest = Math.max(greatest, this.numbers[at + 4]!);
    }
    return [least, greatest];
  }

  /** Each class's weight on both sides of a threshold, by its normal distribution; missing values are left. */
  #divided(feature: number, threshold: number): Float64Array {
    const classes = this.#classes;
    const weights = new Float64Array(2 * classes);
    for (let k = 0; k < classes; k++) {
      const at = this.#at(feature, k);
      const known = this.numbers[at]!;
      const right = known * (1 - this.#shareBelow(at, threshold));
      weights[k] = this.numbers[1 + k]! - right;
      weights[classes + k] = right;
    }
    return weights;
  }

  #shareBelow(at: number, threshold: number): number {
    const { numbers } = this;
    if (numbers[at] === 0 || threshold >= numbers[at + 4]!) return 1;
    if (threshold < numbers[at + 3]!) return 0;
    const deviation = Math.sqrt(numbers[at + 2]! / numbers[at]!);
    return normalBelow((threshold - numbers[at + 1]!) / deviation);
  }

  #at(feature: number, label: number): number {
    return 1 + this.#classes + (feature * this.#classes + label) * perClass;
  }
}

/** How many bits knowing the side tells of the class; 0 where a side has next to nothing. */
function gainOf(weights: Float64Array, classes: number): number {
  const left = weights.subarray(0, classes);
  const right = weights.subarray(classes);
  const all = left.map((weight, k) => weight + right[k]!);
  const total = sumOf(all);
  const [leftShare, rightShare] = [sumOf(left) / total, sumOf(right) / total];
  if (Math.min(leftShare, rightShare) < 0.01) return 0;
  return entropyOf(all) - leftShare * entropyOf(left) - rightShare * entropyOf(right);
}

function entropyOf(weights: Float64Array): number {
  const total = sumOf(weights);
  let bits = 0;
  for (const weight of weights)
    if (weight > 0) bits -= (weight / total) * Math.log2(weight / total);
  return bits;
}

function sumOf(weights: Float64Array): number {
  let sum = 0;
  for (const weight of weights) sum += weight;
  return sum;
}
