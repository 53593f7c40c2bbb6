import type { Checkpoint, Totals } from "./checkpoint.js";

/** Of a plugin's note, which is cut there. */
export const noteCharactersMax = 1_000;

/** How far a run has come, for whoever watches. */
export class Progress {
  /** The next offset to be read. */
  next: number;
  #checkpoint: Checkpoint;
  #noteOf: () => string | undefined = () => undefined;

  constructor(checkpoint: Checkpoint) {
    this.next = checkpoint.next;
    this.#checkpoint = checkpoint;
  }

  /** Who is asked for a note from here on. */
  noteBy(noteOf: () => string | undefined): void {
    this.#noteOf = noteOf;
  }

  /** What the plugin says of itself beside its figures. A plugin that fails at it says nothing. */
  get note(): string | undefined {
    try {
      const note: unknown = this.#noteOf();
      return typeof note === "string" ? note.slice(0, noteCharactersMax) : undefined;
    } catch {
      return undefined;
    }
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
