import type { BusEvent } from "../../bus/index.js";
import { modelTopic } from "../models/registry/model-version.js";
import type { Context } from "../plugin/context.js";
import type { Canary, Verdict } from "./canary.js";
import { defaultMetric, type Metric } from "./losses.js";
import type { CandidateEnd, ModelRef } from "./model-events.js";
import type { ModelSlots } from "./model-slots.js";
import type { Judged, Outcome } from "./outcomes.js";
import { type JudgementPlan, LiveQuality } from "./quality.js";
import type { ServePlan } from "./serve-plan.js";

export interface JudgingOptions {
  readonly plan: ServePlan;
  readonly slots: ModelSlots;
  readonly canary: Canary | undefined;
}

/**
 * Publishes how wrong each prediction was, and draws the consequences: a candidate that has proved itself is
 * promoted, and one that has not is dropped; a new model that does worse than the one before it is taken back.
 */
export class Judging {
  readonly #plan: ServePlan;
  readonly #slots: ModelSlots;
  readonly #canary: Canary | undefined;
  readonly #quality: LiveQuality | undefined;

  constructor({ plan, slots, canary }: JudgingOptions) {
    this.#plan = plan;
    this.#slots = slots;
    this.#canary = canary;
    if (plan.rollback !== undefined) this.#quality = new LiveQuality(plan.rollback);
  }

  /** There is a new candidate. */
  begin(context: Context): void {
    const { canary, consumer } = this.#plan;
    const { active, candidate } = this.#slots;
    if (canary === undefined || candidate === undefined) return;
    context.emit(this.#topic("canary"), {
      ...{ consumer, state: "started", ...candidate.ref, share: canary.share },
      ...(active !== undefined && { active: active.ref }),
    });
  }

  /** What was the candidate is one no more, and no verdict ended it. */
  end(candidate: ModelRef, reason: CandidateEnd, context: Context): void {
    const { canary, consumer } = this.#plan;
    if (canary === undefined) return;
    context.emit(this.#topic("canary"), { consumer, state: "ended", ...candidate, reason });
  }

  /** It has become known what was the case. */
  judge(outcome: Outcome, { offset }: BusEvent, context: Context): void {
    this.#tell(outcome, offset, context);
    this.#compare(outcome.answer, offset, context);
    this.#watch(outcome.answer, offset, context);
  }

  #tell({ prediction, label, answer, other }: Outcome, offset: number, context: Context): void {
    const { id, offset: predictedAt, at, canary } = prediction;
    const { task: _, losses, ...said } = answer;
    context.emit(
      this.#topic("outcome"),
      {
        ...{ offset: predictedAt, id, model: this.#plan.model, ...said, label, losses },
        ...{ labelOffset: offset, delayMs: context.now() - at },
        ...(canary === true && { canary }),
        ...(other !== undefined && { other: withoutTask(other) }),
      },
      { key: id },
    );
  }

  #compare({ sha256, task, losses }: Judged, offset: number, context: Context): void {
    const { active, candidate } = this.#slots;
    if (this.#canary === undefined || active === undefined || candidate === undefined) return;
    const metric = metricOf(this.#canary.plan, { task });
    const loss = losses[metric];
    if (loss === undefined) return;
    const models = { active: active.ref.sha256, candidate: candidate.ref.sha256 };
    const verdict = this.#canary.take({ sha256, loss }, models, context);
    if (verdict !== undefined) this.#decide(verdict, metric, offset, context);
  }

  #decide(verdict: Verdict, metric: Metric, offset: number, context: Context): void {
    const { consumer } = this.#plan;
    const active = this.#slots.active!;
    const candidate = this.#slots.candidate!;
    const { isWorse, ...figures } = verdict;
    const state = isWorse ? "rolled-back" : "promoted";
    context.emit(this.#topic("canary"), {
      ...{ consumer, state, ...candidate.ref, active: active.ref, metric, ...figures },
    });
    if (isWorse) {
      this.#slots.drop(context);
      context.emit(this.#topic("rolled-back"), {
        ...{ consumer, ...candidate.ref, to: active.ref, metric, ...figures },
      });
      return;
    }
    this.#slots.swap(candidate, "canary", offset, context);
    const previous = active.ref.sha256;
    context.emit(this.#topic("promoted"), { ...candidate.ref, previous, reason: "canary" });
  }

  #watch({ sha256, task, losses }: Judged, offset: number, context: Context): void {
    const { active, previous, candidate } = this.#slots;
    if (this.#quality === undefined || active === undefined) return;
    const metric = metricOf(this.#plan.rollback!, { task });
    const loss = losses[metric];
    if (loss === undefined) return;
    const models = {
      ...{ active: active.ref.sha256, previous: previous?.ref.sha256 },
      candidate: candidate?.ref.sha256,
    };
    const worse = this.#quality.take({ sha256, loss }, models, context);
    if (worse === undefined) return;
    this.#slots.swap(previous!, "rollback", offset, context);
    const { consumer } = this.#plan;
    context.emit(this.#topic("rolled-back"), {
      ...{ consumer, ...active.ref, to: previous!.ref, metric, ...worse },
    });
    context.emit(this.#topic("promoted"), {
      ...{ ...previous!.ref, previous: active.ref.sha256, reason: "rollback" },
    });
  }

  #topic(kind: string): string {
    return modelTopic(this.#plan.model, kind);
  }
}

function metricOf({ metric }: JudgementPlan, { task }: Pick<Judged, "task">): Metric {
  return metric ?? defaultMetric(task);
}

function withoutTask({ task: _, ...judged }: Judged): Omit<Judged, "task"> {
  return judged;
}
