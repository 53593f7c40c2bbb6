import { FedbusError } from "../../schemas/index.js";

/** Events in a row whose outputs were all refused: more, and the fault is not in the events. */
export const refusedInARowMax = 100;

interface SentOutput {
  readonly topic: string;
  readonly headers: { readonly cause: { readonly offset: number } };
}

/** Counts events in a row of whose outputs the hub has taken none. Dead letters do not count. */
export class Refusals {
  readonly #letters: string;
  #inARow = 0;
  #last = -1;

  /** `letters` is the topic of its dead letters. */
  constructor(letters: string) {
    this.#letters = letters;
  }

  /** Whether there have been any since the last output that was taken. */
  get isUnderWay(): boolean {
    return this.#inARow > 0;
  }

  /** The hub has answered a batch of outputs: those at the indexes `refused` it did not take. */
  answered(outputs: readonly unknown[], refused: ReadonlySet<number>): void {
    for (const [index, output] of (outputs as readonly SentOutput[]).entries()) {
      const { topic, headers } = output;
      if (topic === this.#letters) continue;
      if (!refused.has(index)) this.#inARow = 0;
      else if (this.#inARow === 0 || headers.cause.offset !== this.#last) this.#inARow++;
      this.#last = headers.cause.offset;
    }
  }

  /** Throws CONSUMER_HALTED if there are too many. */
  check(): void {
    if (this.#inARow < refusedInARowMax) return;
    throw new FedbusError(
      "CONSUMER_HALTED",
      `the hub refused what came of ${this.#inARow} events in a row: the fault is not in the events`,
    );
  }
}
