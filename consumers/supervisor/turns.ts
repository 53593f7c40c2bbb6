import { FedbusError } from "../../schemas/index.js";

/** Work that is done one after the other, and none any more once it is closed. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  /** Resolves with what `work` does, when what came before it has ended, however. Rejects with CLOSED. */
  take<Result>(work: () => Promise<Result>): Promise<Result> {
    const mine = this.#last.then(() => {
      if (this.#isClosed) throw new FedbusError("CLOSED", "the consumer has ended");
      return work();
    });
    this.#last = mine.catch(() => {});
    return mine;
  }

  /** What has not begun by now is refused. Resolves when what is under way has ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#last;
  }
}
