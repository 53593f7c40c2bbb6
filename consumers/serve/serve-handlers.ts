import type { BusEvent } from "../../bus/index.js";
import { isInTime } from "../models/registry/promotion-in-time.js";
import { noteOf } from "../models/troubles/trouble-sentence.js";
import type { Handlers } from "../plugin/consumer.js";
import type { Context } from "../plugin/context.js";
import { Batch } from "./batch.js";
import { Canary } from "./canary.js";
import { Judging } from "./judging.js";
import { MissingModel } from "./missing-model.js";
import { type ModelRef, modelRefIn, type SwapReason } from "./model-events.js";
import { loadModel } from "./model-loader.js";
import { ModelSlots } from "./model-slots.js";
import { Outcomes } from "./outcomes.js";
import type { PendingPrediction } from "./pending-predictions.js";
import { PredictionWriter } from "./prediction-writer.js";
import type { Role } from "./roles.js";
import type { ScoredRow } from "./scored-row.js";
import type { ServePlan } from "./serve-plan.js";
import type { ServedModel } from "./served-model.js";
import { Unseen } from "./unseen.js";
import { WaitingEvents } from "./waiting-events.js";

/**
 * Scores events with whatever model holds at their offset. News of models are followed in the same order as the
 * events, so it is the log that says which model scores which event.
 */
export class ServeHandlers implements Handlers {
  /** A batch is scored at its first event; of what is further ahead nothing is done, it would only be held. */
  readonly prefetchEventsMax: number;
  readonly #plan: ServePlan;
  readonly #slots: ModelSlots;
  readonly #batch: Batch;
  readonly #waiting: WaitingEvents;
  readonly #missing: MissingModel;
  readonly #unseen: Unseen;
  readonly #writer: PredictionWriter;
  readonly #canary: Canary | undefined;
  readonly #outcomes: Outcomes | undefined;
  readonly #judging: Judging | undefined;

  constructor(plan: ServePlan) {
    this.#plan = plan;
    const { consumer, model, outcomes, canary, threshold } = plan;
    this.#slots = new ModelSlots({
      ...{ consumer, model },
      load: async (ref, { blobs }) => await loadModel(await blobs.get(ref.sha256), ref, plan),
      ended: (candidate, reason, context) => this.#judging?.end(candidate, reason, context),
    });
    this.#batch = new Batch(plan.batchRowsMax);
    // Beside each event that is scored there may come its outcome.
    this.prefetchEventsMax = plan.batchRowsMax * (outcomes === undefined ? 1 : 2);
    this.#waiting = new WaitingEvents(plan.waitingMax);
    this.#missing = new MissingModel(plan);
    this.#unseen = new Unseen(plan.fields);
    this.#writer = new PredictionWriter(plan);
    if (canary !== undefined) this.#canary = new Canary(canary);
    if (outcomes === undefined) return;
    this.#outcomes = new Outcomes(outcomes, threshold);
    this.#judging = new Judging({ plan, slots: this.#slots, canary: this.#canary });
  }

  prefetch(event: BusEvent): void {
    const role = this.#plan.roles.of(event.topic);
    if (role.isInput) this.#batch.tell(event);
    if (role.about !== undefined) this.#batch.tellChange(event.offset);
  }

  handle(event: BusEvent, context: Context): void | Promise<void> {
    const restored = this.#slots.restored(event.offset, context);
    if (restored !== undefined) return restored.then(() => this.#begin(event, context));
    return this.#handle(event, context);
  }

  /** Nothing is lost with models that nobody needs. One that came in the meantime was not missing. */
  async flush(context: Context): Promise<void> {
    await this.#slots.sweep();
    if (this.#waiting.count > 0 && !this.#slots.isLost) this.#missing.waits(context);
    this.#unseen.save(context);
  }

  note(): string | undefined {
    return noteOf([this.#waiting.noteFor(this.#plan.model), this.#unseen.note]);
  }

  async close(): Promise<void> {
    await this.#slots.close();
  }

  async #begin(event: BusEvent, context: Context): Promise<void> {
    const { initial } = this.#plan;
    if (initial !== undefined && this.#slots.isFresh)
      await this.#serve({ sha256: initial }, "initial", event.offset, context);
    // Its file may have been missing until now.
    else if (this.#slots.active !== undefined) await this.#scoreWaiting(context);
    await this.#handle(event, context);
  }

  #handle(event: BusEvent, context: Context): void | Promise<void> {
    const role = this.#plan.roles.of(event.topic);
    if (role.about !== undefined)
      return this.#follow(event, role, context).then(() =>
        this.#judgeAndScore(event, role, context),
      );
    return this.#judgeAndScore(event, role, context);
  }

  /** First what it says of earlier events, then what is to be said of it. */
  #judgeAndScore(event: BusEvent, role: Role, context: Context): void | Promise<void> {
    if (role.isOutcome) {
      this.#unseen.sawOutcome(event, context);
      for (const outcome of this.#outcomes!.take(event, context))
        this.#judging!.judge(outcome, event, context);
    }
    if (!role.isInput) return;
    this.#unseen.sawInput(event, context);
    return this.#score(event, context);
  }

  /** What is told of a model. */
  async #follow(event: BusEvent, { about }: Role, context: Context): Promise<void> {
    const { offset } = event;
    const ref = modelRefIn(event.msg);
    if (ref === undefined) {
      const role = about === "promoted" ? "active" : "candidate";
      const reason = "the event names no model by its SHA-256";
      this.#slots.refuse(undefined, { role, code: "EVENT_INVALID", reason }, offset, context);
    } else if (about !== "promoted") await this.#offer(ref, offset, context);
    else if (isInTime(event, this.#slots.chosen?.sha256))
      await this.#serve(ref, "promoted", offset, context);
    else context.logger.info({ ...ref, offset }, "a promotion came too late, and changes nothing");
  }

  async #serve(ref: ModelRef, reason: SwapReason, offset: number, context: Context): Promise<void> {
    if (!(await this.#slots.promote(ref, reason, offset, context))) return;
    this.#know(context);
    await this.#scoreWaiting(context);
  }

  async #scoreWaiting(context: Context): Promise<void> {
    const batch = new Batch(this.#plan.batchRowsMax);
    const waiting = [...this.#waiting.takeAll(context)];
    for (const event of waiting) batch.tell(event);
    for (const event of waiting) await this.#scoreIn(batch, event, context);
  }

  async #offer(ref: ModelRef, offset: number, context: Context): Promise<void> {
    if (!(await this.#slots.offer(ref, offset, context))) return;
    this.#know(context);
    this.#judging?.begin(context);
  }

  /** Of whatever may answer there may be outcomes. */
  #know(context: Context): void {
    const { active, previous, candidate } = this.#slots;
    const models = [previous, candidate, active].filter((model) => model !== undefined);
    this.#outcomes?.know(models, context);
  }

  #score(event: BusEvent, context: Context): void | Promise<void> {
    if (this.#slots.active !== undefined) return this.#scoreIn(this.#batch, event, context);
    this.#batch.skip(event);
    const waits = this.#plan.missing === "wait";
    if (waits && this.#waiting.keep(event, context)) return;
    if (waits) this.#missing.isFull(context);
    this.#writer.unscored(event, waits ? "waiting-full" : "no-model", context);
  }

  #scoreIn(batch: Batch, event: BusEvent, context: Context): void | Promise<void> {
    const { active, candidate } = this.#slots;
    this.#unseen.sawFeatures(event, active!, context);
    batch.moveTo(event);
    const scoring = batch.score(active!);
    if (candidate === undefined)
      return scoring === undefined
        ? this.#answer(batch, event, context)
        : scoring.then(() => this.#answer(batch, event, context));
    const both = Promise.all([scoring, batch.score(candidate)]);
    return both.then(() => this.#answer(batch, event, context));
  }

  /** Both models have scored the event. */
  #answer(batch: Batch, event: BusEvent, context: Context): void | Promise<void> {
    const active = this.#slots.active!;
    const row = batch.rowOf(active);
    if (row.hasFailed) throw row.failure;
    if (!row.isFinite) return this.#notFinite(batch, event, context);
    const candidate = this.#candidateFor(batch, event, context);
    if (candidate !== undefined)
      return this.#answerBeside(row, batch.rowOf(candidate), event, context);
    this.#writer.scored(event, row, false, context);
    this.#expect(event, { answer: row }, context);
  }

  /** A candidate has scored the event too, and it may be its turn. */
  #answerBeside(active: ScoredRow, candidate: ScoredRow, event: BusEvent, context: Context): void {
    const key = this.#plan.keyOf(event);
    const isCanary = key !== undefined && this.#canary?.isIn(key) === true;
    const [answer, other] = isCanary ? [candidate, active] : [active, candidate];
    this.#writer.scored(event, answer, isCanary, context);
    if (this.#plan.tellsShadow && !isCanary) this.#writer.shadow(event, other, answer, context);
    this.#expect(event, { answer, other, isCanary }, context);
  }

  /** The candidate, if there is one and it can tell something of the event. */
  #candidateFor(batch: Batch, { offset }: BusEvent, context: Context): ServedModel | undefined {
    const { candidate } = this.#slots;
    if (candidate === undefined) return undefined;
    const row = batch.rowOf(candidate);
    if (!row.hasFailed && row.isFinite) return candidate;
    const reason = row.hasFailed ? reasonOf(row.failure) : notFinite;
    const refusal = { role: "candidate", code: "MODEL_FAILED", reason } as const;
    this.#slots.fail(context);
    this.#slots.refuse(candidate.ref, refusal, offset, context);
    return undefined;
  }

  /** The model before may know better; then that one stays. */
  async #notFinite(batch: Batch, event: BusEvent, context: Context): Promise<void> {
    const { active, previous } = this.#slots;
    if (previous !== undefined) await batch.score(previous);
    const row = previous && batch.rowOf(previous);
    if (row === undefined || row.hasFailed || !row.isFinite)
      return this.#writer.unscored(event, "not-finite", context);
    const refusal = { role: "active", code: "MODEL_FAILED", reason: notFinite } as const;
    this.#slots.swap(previous!, "rollback", event.offset, context);
    this.#slots.refuse(active!.ref, refusal, event.offset, context);
    await this.#answer(batch, event, context);
  }

  #expect(
    event: BusEvent,
    { answer, other, isCanary }: { answer: ScoredRow; other?: ScoredRow; isCanary?: boolean },
    context: Context,
  ): void {
    if (this.#outcomes === undefined) return;
    const id = this.#plan.idOf(event);
    if (id === undefined) return;
    const prediction: PendingPrediction = {
      ...{ id, offset: event.offset, at: context.now() },
      answer: { sha256: answer.model.ref.sha256, outputs: answer.outputs },
      ...(other && { other: { sha256: other.model.ref.sha256, outputs: other.outputs } }),
      ...(isCanary === true && { canary: true }),
    };
    this.#outcomes.expect(prediction, context);
  }
}

const notFinite = "it gave no number for an event";

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
