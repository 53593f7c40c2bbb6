import { hashOfCategory } from "../models/features/category-hash.js";
import type { Context } from "../plugin/context.js";
import { added, isWorse, type JudgementPlan, meanOf, type Tally } from "./quality.js";

export interface CanaryPlan extends JudgementPlan {
  readonly share: number;
}

/** What two models have lost since one of them became a candidate. */
interface Trial {
  readonly active: string;
  readonly candidate: string;
  readonly activeLoss: Tally;
  readonly candidateLoss: Tally;
}

/** What a trial has come to. */
export interface Verdict {
  readonly isWorse: boolean;
  /** Mean loss of the candidate, and of the model that answered beside it. */
  readonly value: number;
  readonly baseline: number;
  /** Outcomes of the candidate, and of the other. */
  readonly outcomes: readonly [candidate: number, active: number];
}

const stateKey = "trial";

/**
 * Gives a candidate its share of the keys, always the same ones, and compares what the two models have lost, each
 * on its own keys: a prediction may change what happens.
 */
export class Canary {
  readonly plan: CanaryPlan;

  constructor(plan: CanaryPlan) {
    this.plan = plan;
  }

  /** Whether the key is in the candidate's share. */
  isIn(key: string): boolean {
    return hashOfCategory(key) < this.plan.share * 2 ** 32;
  }

  /** Takes a loss of the model `sha256`; the verdict once there are enough of both. */
  take(
    { sha256, loss }: { readonly sha256: string; readonly loss: number },
    { active, candidate }: { readonly active: string; readonly candidate: string },
    context: Context,
  ): Verdict | undefined {
    const trial = this.#trialOf(active, candidate, context);
    if (sha256 !== active && sha256 !== candidate) return undefined;
    const isCandidate = sha256 === candidate;
    const activeLoss = isCandidate ? trial.activeLoss : added(trial.activeLoss, loss);
    const candidateLoss = isCandidate ? added(trial.candidateLoss, loss) : trial.candidateLoss;
    const { outcomesMin, tolerance } = this.plan;
    if (activeLoss.n < outcomesMin || candidateLoss.n < outcomesMin) {
      context.state.put(stateKey, { active, candidate, activeLoss, candidateLoss });
      return undefined;
    }
    context.state.delete(stateKey);
    const [value, baseline] = [meanOf(candidateLoss), meanOf(activeLoss)];
    const outcomes = [candidateLoss.n, activeLoss.n] as const;
    return { isWorse: isWorse(value, baseline, tolerance), value, baseline, outcomes };
  }

  /** The trial that is on; another model ends the one before. */
  #trialOf(active: string, candidate: string, { state }: Context): Trial {
    const trial = state.get(stateKey) as Trial | undefined;
    if (trial?.active === active && trial.candidate === candidate) return trial;
    const none: Tally = { n: 0, sum: 0 };
    return { active, candidate, activeLoss: none, candidateLoss: none };
  }
}
