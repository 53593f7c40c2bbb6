import { hashOfCategory } from "../models/features/category-hash.js";
import type { Context } from "../plugin/context.js";
import { isSurelyWorse, isWorse, type Moments, noMoments, withLoss } from "./moments.js";
import type { JudgementPlan } from "./quality.js";

export interface CanaryPlan extends JudgementPlan {
  readonly share: number;
}

/** What two models have lost since one of them became a candidate. */
interface Trial {
  readonly active: string;
  readonly candidate: string;
  readonly activeLoss: Moments;
  readonly candidateLoss: Moments;
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

const stateKey = "canary-trial";

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
    const activeLoss = isCandidate ? trial.activeLoss : withLoss(trial.activeLoss, loss);
    const candidateLoss = isCandidate ? withLoss(trial.candidateLoss, loss) : trial.candidateLoss;
    // The model that is behind came on: only then is there something new to see.
    const isLook =
      this.#looks(candidateLoss, activeLoss) > this.#looks(trial.candidateLoss, trial.activeLoss);
    const verdict = isLook ? this.#verdict(candidateLoss, activeLoss) : undefined;
    if (verdict === undefined)
      context.state.put(stateKey, { active, candidate, activeLoss, candidateLoss });
    else context.state.delete(stateKey);
    return verdict;
  }

  /** How often both have had as many outcomes as are compared. */
  #looks(candidate: Moments, active: Moments): number {
    return Math.floor(Math.min(candidate.n, active.n) / this.plan.outcomesMin);
  }

  /** Undefined if the candidate looks worse and that may be chance. */
  #verdict(candidate: Moments, active: Moments): Verdict | undefined {
    const { tolerance } = this.plan;
    const isBad = isSurelyWorse(candidate, active, tolerance);
    if (!isBad && isWorse(candidate, active, tolerance)) return undefined;
    const outcomes = [candidate.n, active.n] as const;
    return { isWorse: isBad, value: candidate.mean, baseline: active.mean, outcomes };
  }

  /** The trial that is on; another model ends the one before. */
  #trialOf(active: string, candidate: string, { state }: Context): Trial {
    const trial = state.get(stateKey) as Trial | undefined;
    if (trial?.active === active && trial.candidate === candidate) return trial;
    return { active, candidate, activeLoss: noMoments, candidateLoss: noMoments };
  }
}
