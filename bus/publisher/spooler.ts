import type { Batch } from "./batch.js";
import type { Queue } from "./queue.js";
import type { Spool } from "./spool.js";
import type { Window } from "./window.js";

/** Where a spooler's batches come from and go to. */
export interface SpoolerOptions {
  readonly spool: Spool;
  readonly queue: Queue;
  readonly window: Window<Batch>;
  /** Called at most once: the spool takes nothing any more. */
  readonly onFailed: (error: unknown) => void;
}

/** Moves what is queued through the spool into the window. */
export class Spooler {
  readonly #options: SpoolerOptions;
  /** Sealed, and being written. */
  #writing: readonly Batch[] = [];

  constructor(options: SpoolerOptions) {
    this.#options = options;
  }

  /** Batches that may or may not be in the spool yet. */
  get writing(): readonly Batch[] {
    return this.#writing;
  }

  /** One write at a time: what is published meanwhile goes into the next one. */
  async spoolAll(): Promise<void> {
    const { spool, queue, window, onFailed } = this.#options;
    while (this.#writing.length === 0 && !queue.isEmpty) {
      const batches = queue.takeAll();
      for (const batch of batches) queue.reuse(batch.seal(window.claim(batch.count)));
      this.#writing = batches;
      try {
        await spool.put(batches);
      } catch (error) {
        onFailed(error);
        return;
      }
      this.#writing = [];
      for (const batch of batches) window.send(batch);
      queue.wake();
    }
  }
}
