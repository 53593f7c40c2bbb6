import type { LabelledRows, Task } from "../../../../../consumers/models/learners/learner.js";
import type {
  Link,
  NetworkSpec,
} from "../../../../../consumers/models/learners/network/network-spec.js";
import { SeededRandom } from "../../../../../consumers/runner/random.js";
import type { Step } from "./reference-network.js";

export const width = 6;

const plain = { activation: "relu", link: "identity", optimiser: "sgd", l1: 0, l2: 0 } as const;

/** One network of each kind that there is: all links, activations, depths, optimisers and penalties. */
export const specs: Readonly<Record<string, NetworkSpec>> = {
  "linear, sgd": { ...plain, layers: [width, 1] },
  "logistic, adam, l2": {
    ...plain,
    layers: [width, 1],
    link: "sigmoid",
    optimiser: "adam",
    l2: 0.01,
  },
  "softmax, sgd, l1": { ...plain, layers: [width, 4], link: "softmax", l1: 0.001 },
  "relu, values, adam": { ...plain, layers: [width, 16, 1], optimiser: "adam" },
  "tanh, yes or no, sgd": { ...plain, layers: [width, 16, 1], activation: "tanh", link: "sigmoid" },
  "relu, two deep, classes, adam, l1, l2": {
    layers: [width, 12, 8, 4],
    activation: "relu",
    link: "softmax",
    optimiser: "adam",
    l1: 0.0005,
    l2: 0.001,
  },
  "tanh, three deep, values, sgd, l2": {
    ...plain,
    layers: [width, 8, 8, 8, 1],
    activation: "tanh",
    l2: 0.001,
  },
};

export const taskOf: Readonly<Record<Link, Task>> = {
  identity: "regression",
  sigmoid: "binary",
  softmax: "classes",
};

/** Numbers between -1 and 1 that follow from a seed. */
export function numbers(seed: number): () => number {
  const random = new SeededRandom();
  random.seed(seed, 1);
  return () => 2 * random.next() - 1;
}

/** Rows whose labels follow from them, not linearly, with weights around 1. */
export function labelledRows(seed: number, count: number, task: Task): LabelledRows {
  const next = numbers(seed);
  // Through 32 bits, so that both sides of a comparison start from the same numbers.
  const values = Float64Array.from({ length: count * width }, () => Math.fround(next()));
  const labels = Float64Array.from({ length: count }, (_, row) => {
    const [a = 0, b = 0, c = 0] = values.subarray(row * width);
    const value = a * b + 0.5 * c;
    if (task === "regression") return value;
    return task === "binary" ? Number(value > 0) : Number(a > 0) + 2 * Number(value > 0);
  });
  const weights = Float64Array.from({ length: count }, () => Math.fround(1 + next() / 2));
  return { width, count, values, labels, weights };
}

/** The same for the reference. */
export function stepOf(rows: LabelledRows, outputs: number): Step {
  const { count, labels, weights, values } = rows;
  const each = Array.from({ length: count }, (_, row) => row);
  return {
    rows: each.map((row) => [...values.subarray(row * width, (row + 1) * width)]),
    targets: each.map((row) =>
      outputs === 1
        ? [labels[row]!]
        : Array.from({ length: outputs }, (_, k) => Number(k === labels[row])),
    ),
    shares: each.map((row) => weights[row]! / count),
  };
}

/** The largest difference between numbers of two lists. */
export function distance(some: ArrayLike<number>, others: ArrayLike<number>): number {
  if (some.length !== others.length) return Number.POSITIVE_INFINITY;
  return Array.from(some).reduce(
    (most, value, index) => Math.max(most, Math.abs(value - others[index]!)),
    0,
  );
}
