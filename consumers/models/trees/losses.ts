/** Labels (a value, or the number of a class) and weights, one a row. */
export interface Targets {
  readonly labels: Float64Array;
  readonly weights: Float64Array;
}

/**
 * A loss to boost by. `scores` has `scores` numbers a row, before any sigmoid or softmax; derivatives are
 * those by score `k`.
 */
export interface Loss {
  /** Scores per row. */
  readonly scores: number;
  /** The best scores that are the same for all of the first `count` rows. */
  base(targets: Targets, count: number): Float64Array;
  /** Fills in first and second derivatives for the first `count` rows, weights included. */
  derive(
    scores: Float64Array,
    targets: Targets,
    score: number,
    count: number,
    gradients: Float64Array,
    hessians: Float64Array,
  ): void;
  /** The weighted mean loss of rows `from` to `to`. */
  mean(scores: Float64Array, targets: Targets, from: number, to: number): number;
}

/** Half the squared error. */
export const squaredLoss: Loss = {
  scores: 1,
  base: (targets, count) => Float64Array.of(meanLabel(targets, count)),
  derive: (scores, { labels, weights }, _score, count, gradients, hessians) => {
    for (let row = 0; row < count; row++) {
      gradients[row] = (scores[row]! - labels[row]!) * weights[row]!;
      hessians[row] = weights[row]!;
    }
  },
  mean: (scores, targets, from, to) =>
    weightedMean(targets, from, to, (row) => (scores[row]! - targets.labels[row]!) ** 2 / 2),
};

/** Log loss of two classes; the score is the log-odds of class 1. */
export const logLoss: Loss = {
  scores: 1,
  base: (targets, count) => {
    const mean = inside(meanLabel(targets, count));
    return Float64Array.of(Math.log(mean / (1 - mean)));
  },
  derive: (scores, { labels, weights }, _score, count, gradients, hessians) => {
    for (let row = 0; row < count; row++) {
      const probability = 1 / (1 + Math.exp(-scores[row]!));
      const weight = weights[row]!;
      gradients[row] = (probability - labels[row]!) * weight;
      hessians[row] = probability * (1 - probability) * weight;
    }
  },
  mean: (scores, targets, from, to) =>
    weightedMean(targets, from, to, (row) => {
      // log(1 + exp(-margin)) without overflow.
      const margin = (2 * targets.labels[row]! - 1) * scores[row]!;
      return Math.max(0, -margin) + Math.log1p(Math.exp(-Math.abs(margin)));
    }),
};

/** Log loss of several classes; the scores are logits, a tree for each in every round. */
export function softmaxLoss(classes: number): Loss {
  return {
    scores: classes,
    base: (targets, count) => classLogits(targets, count, classes),
    derive: (scores, { labels, weights }, score, count, gradients, hessians) => {
      for (let row = 0; row < count; row++) {
        const probability = Math.exp(scores[row * classes + score]! - logSum(scores, row, classes));
        const weight = weights[row]!;
        gradients[row] = (probability - (labels[row] === score ? 1 : 0)) * weight;
        hessians[row] = probability * (1 - probability) * weight;
      }
    },
    mean: (scores, targets, from, to) =>
      weightedMean(
        targets,
        from,
        to,
        (row) => logSum(scores, row, classes) - scores[row * classes + targets.labels[row]!]!,
      ),
  };
}

function classLogits({ labels, weights }: Targets, count: number, classes: number): Float64Array {
  const sums = new Float64Array(classes);
  let all = 0;
  for (let row = 0; row < count; row++) {
    sums[labels[row]!]! += weights[row]!;
    all += weights[row]!;
  }
  return sums.map((sum) => Math.log(inside(all > 0 ? sum / all : 1 / classes)));
}

/** The logarithm of the sum of a row's exponentials. */
function logSum(scores: Float64Array, row: number, classes: number): number {
  const first = row * classes;
  let most = scores[first]!;
  for (let k = 1; k < classes; k++) most = Math.max(most, scores[first + k]!);
  let sum = 0;
  for (let k = 0; k < classes; k++) sum += Math.exp(scores[first + k]! - most);
  return most + Math.log(sum);
}

/** A probability that has a finite logarithm on both sides. */
function inside(probability: number): number {
  return Math.min(1 - 1e-9, Math.max(1e-9, probability));
}

function meanLabel(targets: Targets, count: number): number {
  return weightedMean(targets, 0, count, (row) => targets.labels[row]!);
}

function weightedMean(
  { weights }: Targets,
  from: number,
  to: number,
  of: (row: number) => number,
): number {
  let sum = 0;
  let all = 0;
  for (let row = from; row < to; row++) {
    sum += of(row) * weights[row]!;
    all += weights[row]!;
  }
  return all > 0 ? sum / all : 0;
}
