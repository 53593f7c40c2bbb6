import { type FedbusError, isFedbusError } from "../../schemas/index.js";
import type { Context } from "../plugin/context.js";
import type { CandidateEnd, ModelRef, SwapReason } from "./model-events.js";
import { ModelNews, type NewsOf, type Refusal, type RefusedRole } from "./model-news.js";
import type { ServedModel } from "./served-model.js";

/** Which models there are, as the state has it. */
interface Slots {
  readonly active?: ModelRef;
  readonly previous?: ModelRef;
  readonly candidate?: ModelRef;
  /** The active one could not be loaded when the consumer last began. */
  readonly isLost?: true;
  /** Those that were taken away: they become candidates no more. */
  readonly barred: readonly string[];
}

export interface ModelSlotsOptions extends NewsOf {
  load(ref: ModelRef, context: Context): Promise<ServedModel>;
  /** Told that what was the candidate is one no more, where no verdict has ended it. */
  ended(candidate: ModelRef, reason: CandidateEnd, context: Context): void;
}

const stateKey = "models";

/** Models that are remembered as barred, at most. */
const barredMax = 100;

/**
 * The models that a consumer has loaded: the one that answers, the one before it, and a candidate. Every
 * change is an event, at its offset, and lies in the state, so that a restart and a replay change at the
 * same place.
 */
export class ModelSlots {
  active: ServedModel | undefined;
  previous: ServedModel | undefined;
  candidate: ServedModel | undefined;
  readonly #options: ModelSlotsOptions;
  readonly #news: ModelNews;
  #barred: readonly string[] = [];
  /** What should answer, and could not be loaded when the consumer began. */
  #lost: ModelRef | undefined;
  /** All that are open, those that are no longer needed among them. */
  readonly #loaded = new Set<ServedModel>();
  #isRestored = false;
  #isFresh = true;

  constructor(options: ModelSlotsOptions) {
    this.#options = options;
    this.#news = new ModelNews(options);
  }

  /** Loads what the state names, once; undefined if that is done. */
  restored(offset: number, context: Context): Promise<void> | undefined {
    return this.#isRestored ? undefined : this.#restore(offset, context);
  }

  /** The model that should answer, whether it can or not. */
  get chosen(): ModelRef | undefined {
    return this.active?.ref ?? this.#lost;
  }

  /** Whether there is one that should answer, and cannot. */
  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  /** Whether no choice of a model was ever made. */
  get isFresh(): boolean {
    return this.#isFresh;
  }

  /** The model of `ref` answers from here on, if it can be loaded. Tells whether it has begun to. */
  async promote(
    ref: ModelRef,
    reason: SwapReason,
    offset: number,
    context: Context,
  ): Promise<boolean> {
    if (ref.sha256 === this.active?.ref.sha256) return false;
    const model = await this.#take(ref, "active", offset, context);
    if (model !== undefined) this.swap(model, reason, offset, context);
    // Also what could not be used is a choice that was made: it is not tried again at each start.
    else this.#keep(context);
    return model !== undefined;
  }

  /** The model of `ref` is a candidate from here on, if it can be loaded. Tells whether it is. */
  async offer(ref: ModelRef, offset: number, context: Context): Promise<boolean> {
    const { sha256 } = ref;
    const isKnown = [this.chosen, this.candidate?.ref].some((known) => known?.sha256 === sha256);
    if (isKnown || this.#barred.includes(sha256)) return false;
    const model = await this.#take(ref, "candidate", offset, context);
    if (model === undefined) return false;
    this.#endCandidate("displaced", context);
    this.candidate = model;
    this.#keep(context);
    return true;
  }

  /** `model`, which is loaded, answers from here on. */
  swap(model: ServedModel, reason: SwapReason, offset: number, context: Context): void {
    const isBack = reason === "rollback";
    const before = this.active;
    this.active = model;
    this.#lost = undefined;
    this.previous = isBack ? undefined : before;
    if (isBack && before !== undefined) this.#bar(before);
    if (this.candidate === model) {
      if (reason !== "canary") this.#endCandidate("promoted", context);
      this.candidate = undefined;
    }
    this.#keep(context);
    this.#news.serving(model, { reason, before }, offset, context);
  }

  /** The candidate is one no more. */
  drop(context: Context): void {
    if (this.candidate === undefined) return;
    this.#bar(this.candidate);
    this.candidate = undefined;
    this.#keep(context);
  }

  /** The candidate could not do its work, and is one no more. */
  fail(context: Context): void {
    this.#endCandidate("failed", context);
    this.drop(context);
  }

  /** Tells that a model is not to be used. */
  refuse(ref: ModelRef | undefined, refusal: Refusal, offset: number, context: Context): void {
    this.#news.refused(ref, { ...refusal, serving: this.active?.ref }, offset, context);
  }

  /** Ends what is no longer needed. */
  async sweep(): Promise<void> {
    const needed = new Set([this.active, this.previous, this.candidate]);
    for (const model of this.#loaded) if (!needed.has(model)) await this.#end(model);
  }

  async close(): Promise<void> {
    for (const model of this.#loaded) await this.#end(model);
  }

  async #end(model: ServedModel): Promise<void> {
    this.#loaded.delete(model);
    await model.close();
  }

  async #load(ref: ModelRef, context: Context): Promise<ServedModel> {
    const model = await this.#options.load(ref, context);
    this.#loaded.add(model);
    return model;
  }

  /**
   * Loads what the state names. Only the model that answers is needed: others that cannot be loaded are given up. It
   * is kept in mind itself, and tried again at each start.
   */
  async #restore(offset: number, context: Context): Promise<void> {
    const slots = context.state.get(stateKey) as Slots | undefined;
    this.#barred = slots?.barred ?? [];
    this.#isFresh = slots === undefined;
    const { active, previous, candidate, isLost = false } = slots ?? {};
    this.active = await this.#regain(active, "active", { offset, isTold: isLost }, context);
    if (this.active === undefined) this.#lost = active;
    this.previous = await this.#regain(previous, "previous", { offset }, context);
    this.candidate = await this.#regain(candidate, "candidate", { offset }, context);
    if (candidate !== undefined && this.candidate === undefined)
      this.#options.ended(candidate, "failed", context);
    if (isLost && this.active !== undefined)
      this.#news.serving(this.active, { reason: "restored" }, offset, context);
    const isKept =
      isLost === this.isLost &&
      isSame(previous, this.previous?.ref) &&
      isSame(candidate, this.candidate?.ref);
    if (!isKept) this.#keep(context);
    this.#isRestored = true;
  }

  /** A model that the state names; undefined, after an event that says so, if it cannot be loaded. */
  async #regain(
    ref: ModelRef | undefined,
    role: RefusedRole,
    { offset, isTold = false }: { readonly offset: number; readonly isTold?: boolean },
    context: Context,
  ): Promise<ServedModel | undefined> {
    if (ref === undefined) return undefined;
    for (const model of this.#loaded) if (model.ref.sha256 === ref.sha256) return model;
    try {
      return await this.#load(ref, context);
    } catch (error) {
      if (!isModelsFault(error)) throw error;
      const remedy = role === "active" ? { remedy: this.#news.remedy } : {};
      const refusal = { role, code: error.code, reason: error.message, ...remedy };
      if (isTold) this.#news.warn(ref, refusal, offset, context);
      else this.refuse(ref, refusal, offset, context);
      return undefined;
    }
  }

  #endCandidate(reason: CandidateEnd, context: Context): void {
    if (this.candidate !== undefined) this.#options.ended(this.candidate.ref, reason, context);
  }

  /** The model, out of those that are loaded, or from its file; undefined if that is of no use. */
  async #take(
    ref: ModelRef,
    role: "active" | "candidate",
    offset: number,
    context: Context,
  ): Promise<ServedModel | undefined> {
    const loaded = [this.candidate, this.previous, this.active];
    const known = loaded.find((model) => model?.ref.sha256 === ref.sha256);
    if (known !== undefined) return known;
    try {
      return await this.#load(ref, context);
    } catch (error) {
      if (!isModelsFault(error)) throw error;
      this.refuse(ref, { role, code: error.code, reason: error.message }, offset, context);
      return undefined;
    }
  }

  #bar({ ref: { sha256 } }: ServedModel): void {
    this.#barred = [...this.#barred.filter((one) => one !== sha256), sha256].slice(-barredMax);
  }

  #keep(context: Context): void {
    this.#isFresh = false;
    const { chosen, previous, candidate } = this;
    const slots: Slots = {
      ...(chosen !== undefined && { active: chosen }),
      ...(this.isLost && { isLost: true }),
      ...(previous !== undefined && { previous: previous.ref }),
      ...(candidate !== undefined && { candidate: candidate.ref }),
      barred: this.#barred,
    };
    context.state.put(stateKey, slots);
  }
}

function isSame(one: ModelRef | undefined, other: ModelRef | undefined): boolean {
  return one?.sha256 === other?.sha256;
}

/** Whether it is the model that is no good; else the next attempt may succeed, or nothing would. */
function isModelsFault(error: unknown): error is FedbusError {
  return isFedbusError(error) && error.code !== "MODEL_RUNTIME_MISSING" && !error.retryable;
}
