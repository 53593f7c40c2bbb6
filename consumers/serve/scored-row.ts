import type { Contributions } from "./contributions/explainer.js";
import type { Scores, ServedModel } from "./served-model.js";

/** What a model says of one event. */
export class ScoredRow {
  readonly model: ServedModel;
  readonly #scores: Scores;
  readonly #row: number;

  constructor(model: ServedModel, scores: Scores, row: number) {
    this.model = model;
    this.#scores = scores;
    this.#row = row;
  }

  /** Whether the event's features cannot be told, because of `failure`. */
  get hasFailed(): boolean {
    return this.#scores.failures.has(this.#row);
  }

  get failure(): unknown {
    return this.#scores.failures.get(this.#row);
  }

  /** Whether all outputs are numbers. */
  get isFinite(): boolean {
    const { values, outputs } = this.#scores;
    const from = this.#row * outputs;
    for (let index = from; index < from + outputs; index++) {
      const value = values[index]!;
      if (value - value !== 0) return false;
    }
    return true;
  }

  get contributions(): Contributions | undefined {
    return this.model.contributionsTo(this.#scores, this.#row);
  }

  get outputs(): readonly number[] {
    const { values, outputs } = this.#scores;
    const from = this.#row * outputs;
    return outputs === 1 ? [values[from]!] : Array.from(values.subarray(from, from + outputs));
  }

  /** As it stands in events: a number, or one for each class. */
  get output(): number | readonly number[] {
    const { values, outputs } = this.#scores;
    return outputs === 1 ? values[this.#row]! : this.outputs;
  }
}
