import type { Checkpoint, Totals } from "./checkpoint.js";

/** How far a run has come, for whoever watches. */
export class Progress {
  /** The next offset to be read. */
  next: number;
  #checkpoint: Checkpoint;

  constructor(checkpoint: Checkpoint) {
    this.next = checkpoint.next;
    this.#checkpoint = checkpoint;
  }

  committed(checkpoint: Checkpoint): void {
    this.#checkpoint = checkpoint;
  }

  /** The next offset that is not committed. */
  get committedNext(): number {
    return this.#checkpoint.next;
  }

  get totals(): Totals {
    return this.#checkpoint.totals;
  }

  /** Event time up to which the stream is complete, ms; undefined before the first event. */
  get watermark(): number | undefined {
    return this.#checkpoint.watermark?.current ?? undefined;
  }
}
