import type { Task } from "../learners/learner.js";

/**
 * What would be said without a model: how often each class came so far (`rate`), the mean so far (`mean`), or the
 * last value (`last`).
 */
export type BaselineRule = "rate" | "mean" | "last";

export interface BaselineOptions {
  readonly rule: BaselineRule;
  readonly task: Task;
  /** 2 for a yes or no. */
  readonly classes: number;
  /** How much rows of a class count, for a model that it is compared with too. Default: all the same. */
  readonly weightOf?: ((label: number) => number) | undefined;
}

/** What a baseline knows, as JSON. */
export type BaselineState = readonly number[];

/** Predicts without looking at features, from the labels before. */
export class Baseline {
  readonly rule: BaselineRule;
  readonly #binary: boolean;
  /** By class how often it came; or count, mean and last value. */
  readonly #numbers: Float64Array;
  readonly #weightOf: (label: number) => number;

  constructor({ rule, task, classes, weightOf = () => 1 }: BaselineOptions, state?: BaselineState) {
    this.rule = rule;
    this.#binary = task === "binary";
    this.#weightOf = weightOf;
    const length = rule === "rate" ? classes : 3;
    this.#numbers = state === undefined ? new Float64Array(length) : Float64Array.from(state);
  }

  /** Writes its prediction to `out`, from `at` on. */
  predict(out: Float64Array, at: number): void {
    const numbers = this.#numbers;
    if (this.rule !== "rate") out[at] = numbers[this.rule === "mean" ? 1 : 2]!;
    else {
      // Laplace's rule of succession: what has not come yet is still possible.
      const share = (label: number): number => (numbers[label]! + 1) * this.#weightOf(label);
      let total = 0;
      for (let index = 0; index < numbers.length; index++) total += share(index);
      if (this.#binary) out[at] = share(1) / total;
      else
        for (let index = 0; index < numbers.length; index++) out[at + index] = share(index) / total;
    }
  }

  learn(label: number): void {
    const numbers = this.#numbers;
    if (this.rule === "rate") numbers[label]!++;
    else {
      numbers[0]!++;
      numbers[1]! += (label - numbers[1]!) / numbers[0]!;
      numbers[2] = label;
    }
  }

  get state(): BaselineState {
    return [...this.#numbers];
  }
}
