import type { Block } from "../../bus/block/block.js";
import type { BlockDraft } from "../../bus/block/draft.js";
import { MemoryLog } from "../../bus/log/memory-log.js";
import type { TrimOptions, TrimResult } from "../../bus/log/retention.js";

/** A log in memory whose owner dies at a chosen write, before it is done or right after. */
export class CrashingLog extends MemoryLog {
  /** Even numbers are before a write, odd ones after it. */
  #stepsLeft = Number.POSITIVE_INFINITY;
  crashed = false;

  crashAt(step: number): void {
    this.#stepsLeft = step;
  }

  override append(drafts: readonly BlockDraft[]): Promise<readonly Block[]> {
    return this.#write(() => super.append(drafts));
  }

  override trim(options: TrimOptions): Promise<TrimResult> {
    return this.#write(() => super.trim(options));
  }

  async #write<Result>(write: () => Promise<Result>): Promise<Result> {
    this.#step();
    const result = await write();
    this.#step();
    return result;
  }

  #step(): void {
    if (this.#stepsLeft-- <= 0) this.crashed = true;
    if (this.crashed) throw new Error("the process has died");
  }
}
