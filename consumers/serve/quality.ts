import type { Context } from "../plugin/context.js";
import type { Metric } from "./losses.js";
import { halved, isSurelyWorse, type Moments, noMoments, withLoss } from "./moments.js";

/** A judgement with its defaults. */
export interface JudgementPlan {
  /** Undefined: that of the model's task. */
  readonly metric: Metric | undefined;
  readonly outcomesMin: number;
  readonly tolerance: number;
}

/** How well one model does. */
interface ModelQuality extends Moments {
  readonly sha256: string;
  /** All of its outcomes, however little the early ones still count. */
  readonly outcomes: number;
}

/** Looks at a model, after each `outcomesMin` of its outcomes, at which it may be taken back. */
const looksMax = 10;

/** As many times `outcomesMin` outcomes of a model count, at most; then all that were count for half. */
const windowBlocks = 20;

const stateKey = "live-quality";

/** Compares the model that answers with the one before it, by the outcomes of what each has answered. */
export class LiveQuality {
  readonly #plan: JudgementPlan;

  constructor(plan: JudgementPlan) {
    this.#plan = plan;
  }

  /**
   * Takes a loss of the model `sha256`. The two means if that shows `active` to be worse than `previous` was.
   * Only the models of `models` are remembered.
   */
  take(
    { sha256, loss }: { readonly sha256: string; readonly loss: number },
    models: {
      readonly active: string;
      readonly previous: string | undefined;
      readonly candidate: string | undefined;
    },
    { state }: Context,
  ): { readonly value: number; readonly baseline: number } | undefined {
    const { active, previous, candidate } = models;
    if (sha256 !== active && sha256 !== previous && sha256 !== candidate) return undefined;
    const known = (state.get(stateKey) as readonly ModelQuality[] | undefined) ?? [];
    const quality = this.#with(known.find(isOf(sha256)), sha256, loss);
    const kept = [active, previous, candidate].filter((one) => one !== sha256);
    state.put(stateKey, [...known.filter((one) => kept.includes(one.sha256)), quality]);
    const before = known.find(isOf(previous));
    if (sha256 !== active || before === undefined || !this.#isLook(quality)) return undefined;
    const { outcomesMin, tolerance } = this.#plan;
    if (before.outcomes < outcomesMin || !isSurelyWorse(quality, before, tolerance))
      return undefined;
    return { value: quality.mean, baseline: before.mean };
  }

  #with(before: ModelQuality | undefined, sha256: string, loss: number): ModelQuality {
    const { outcomes, ...moments } = before ?? { outcomes: 0, ...noMoments };
    const isFull = moments.n >= windowBlocks * this.#plan.outcomesMin;
    const next = withLoss(isFull ? halved(moments) : moments, loss);
    return { sha256, outcomes: outcomes + 1, ...next };
  }

  #isLook({ outcomes }: ModelQuality): boolean {
    const looks = outcomes / this.#plan.outcomesMin;
    return Number.isInteger(looks) && looks <= looksMax;
  }
}

function isOf(sha256: string | undefined): (quality: ModelQuality) => boolean {
  return (quality) => quality.sha256 === sha256;
}
