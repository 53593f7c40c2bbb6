import type { Context } from "../plugin/context.js";
import type { Metric } from "./losses.js";

/** A mean that is being taken. */
export interface Tally {
  readonly n: number;
  readonly sum: number;
}

const empty: Tally = { n: 0, sum: 0 };

export function added({ n, sum }: Tally = empty, loss: number): Tally {
  return { n: n + 1, sum: sum + loss };
}

export function meanOf({ n, sum }: Tally): number {
  return sum / n;
}

/** Whether a mean loss is worse than another by more than the tolerance, a share of it. */
export function isWorse(mean: number, than: number, tolerance: number): boolean {
  return mean > than + Math.abs(than) * tolerance;
}

/** A judgement with its defaults. */
export interface JudgementPlan {
  /** Undefined: that of the model's task. */
  readonly metric: Metric | undefined;
  readonly outcomesMin: number;
  readonly tolerance: number;
}

/** How well one model does, block by block of outcomes. */
interface ModelQuality {
  /** The block that is not full. */
  readonly block: Tally;
  /** The mean of the last full one. */
  readonly last?: number;
  /** How many were full. */
  readonly blocks: number;
}

/** Blocks of outcomes after a swap in which the new model may be taken back. */
const watchedBlocksMax = 10;

/** Compares the model that answers with the one before it, by the outcomes of what each has answered. */
export class LiveQuality {
  readonly #plan: JudgementPlan;

  constructor(plan: JudgementPlan) {
    this.#plan = plan;
  }

  /**
   * Takes a loss of the model `sha256`. The two means if that shows `active` to be worse than `previous` was.
   */
  take(
    { sha256, loss }: { readonly sha256: string; readonly loss: number },
    models: { readonly active: string; readonly previous: string | undefined },
    context: Context,
  ): { readonly value: number; readonly baseline: number } | undefined {
    const table = context.table<ModelQuality>("quality");
    const before = table.get(sha256) ?? { block: empty, blocks: 0 };
    const block = added(before.block, loss);
    if (block.n < this.#plan.outcomesMin) {
      table.put(sha256, { ...before, block });
      return undefined;
    }
    const value = meanOf(block);
    const blocks = before.blocks + 1;
    table.put(sha256, { block: empty, last: value, blocks });
    const { active, previous } = models;
    if (sha256 !== active || previous === undefined || blocks > watchedBlocksMax) return undefined;
    const baseline = table.get(previous)?.last;
    return baseline !== undefined && isWorse(value, baseline, this.#plan.tolerance)
      ? { value, baseline }
      : undefined;
  }
}
