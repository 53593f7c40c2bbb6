import type { Block } from "../../bus/block/block.js";
import type { BlockDraft } from "../../bus/block/draft.js";
import { MemoryLog } from "../../bus/log/memory-log.js";

/** A log in memory whose appends a test can hold up and fail. */
export class SteeredLog extends MemoryLog {
  /** Events of each append, in order. */
  readonly appends: number[] = [];
  #failure: Error | undefined;
  #held: Promise<void> | undefined;
  #release: () => void = () => {};

  /** Appends wait until `release`. */
  hold(): void {
    this.#held = new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  release(): void {
    this.#release();
    this.#held = undefined;
  }

  /** The next append to finish rejects with `error`. */
  failNext(error: Error): void {
    this.#failure = error;
  }

  override async append(drafts: readonly BlockDraft[]): Promise<readonly Block[]> {
    this.appends.push(drafts.reduce((sum, draft) => sum + draft.count, 0));
    await this.#held;
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
    return await super.append(drafts);
  }
}
