import type { Block } from "../../bus/block/block.js";
import type { BlockDraft } from "../../bus/block/draft.js";
import type { Page, ReadOptions } from "../../bus/log/event-source.js";
import { MemoryLog } from "../../bus/log/memory-log.js";
import { FedbusError } from "../../schemas/errors.js";

/** A log in memory whose appends a test can hold up and fail, and whose events it can damage. */
export class SteeredLog extends MemoryLog {
  /** Events of each append, in order. */
  readonly appends: number[] = [];
  #damage = { from: 0, to: 0 };
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

  /** Reading over these offsets, up to `to`, fails with LOG_CORRUPT from now on. */
  damage(from: number, to: number): void {
    this.#damage = { from, to };
  }

  override async read(options: ReadOptions): Promise<Page> {
    const { from, to } = this.#damage;
    if (options.from >= to) return await super.read(options);
    if (options.from >= from)
      throw new FedbusError("LOG_CORRUPT", "damaged", { details: { from, to } });
    return await super.read({ ...options, to: Math.min(from, options.to ?? from) });
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
