import type { Metrics } from "./metrics.js";
import { logLossOf, ratio, type Tally, type TallyState } from "./tally.js";

interface ClassesState {
  readonly sums: readonly number[];
  readonly counts: readonly number[];
}

/** Of a probability for each class against the index of the one that came. */
export class ClassesTally implements Tally {
  readonly #classes: number;
  /** Rows, log loss, squared errors. */
  readonly #sums: Float64Array;
  /** How often each class was right, was predicted, and came. */
  readonly #counts: Float64Array;

  constructor(classes: number, state?: TallyState) {
    const stored = state as unknown as ClassesState | undefined;
    this.#classes = classes;
    this.#sums = Float64Array.from(stored?.sums ?? [0, 0, 0]);
    this.#counts =
      stored === undefined ? new Float64Array(3 * classes) : Float64Array.from(stored.counts);
  }

  add(label: number, outputs: Float64Array, at: number): number {
    let best = 0;
    let squares = 0;
    for (let index = 0; index < this.#classes; index++) {
      const probability = outputs[at + index]!;
      if (probability > outputs[at + best]!) best = index;
      squares += (probability - (index === label ? 1 : 0)) ** 2;
    }
    const loss = logLossOf(outputs[at + label]!);
    this.#sums[0]!++;
    this.#sums[1]! += loss;
    this.#sums[2]! += squares;
    if (best === label) this.#counts[3 * best]!++;
    this.#counts[3 * best + 1]!++;
    this.#counts[3 * label + 2]!++;
    return loss;
  }

  metrics(): Metrics {
    const [rows, logLoss, squares] = this.#sums as unknown as [number, number, number];
    let right = 0;
    for (let index = 0; index < this.#classes; index++) right += this.#counts[3 * index]!;
    return {
      rows,
      logLoss: ratio(logLoss, rows),
      accuracy: ratio(right, rows),
      precision: this.#mean(1),
      recall: this.#mean(2),
      brier: ratio(squares, rows),
    };
  }

  get state(): TallyState {
    return { sums: [...this.#sums], counts: [...this.#counts] };
  }

  /** The mean over classes of how often they were right, of how often they were predicted (1) or came (2). */
  #mean(of: 1 | 2): number | null {
    let sum = 0;
    let classes = 0;
    for (let index = 0; index < this.#classes; index++) {
      const whole = this.#counts[3 * index + of]!;
      if (whole === 0) continue;
      sum += this.#counts[3 * index]! / whole;
      classes++;
    }
    return ratio(sum, classes);
  }
}
