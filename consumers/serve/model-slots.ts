import { type FedbusError, isFedbusError } from "../../schemas/index.js";
import { modelTopic } from "../models/registry/model-version.js";
import type { Context } from "../plugin/context.js";
import type { CandidateEnd, ModelRef, SwapReason } from "./model-events.js";
import type { ServedModel } from "./served-model.js";

/** Which models there are, as the state has it. */
interface Slots {
  readonly active?: ModelRef;
  readonly previous?: ModelRef;
  readonly candidate?: ModelRef;
  /** Those that were taken away: they become candidates no more. */
  readonly barred: readonly string[];
}

export interface ModelSlotsOptions {
  readonly consumer: string;
  readonly model: string;
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
  #barred: readonly string[] = [];
  /** All that are open, those that are no longer needed among them. */
  readonly #loaded = new Set<ServedModel>();
  #isRestored = false;
  #isFresh = true;

  constructor(options: ModelSlotsOptions) {
    this.#options = options;
  }

  /** Loads what the state names, once; undefined if that is done. */
  restored(context: Context): Promise<void> | undefined {
    return this.#isRestored ? undefined : this.#restore(context);
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
    const isKnown = [this.active, this.candidate].some((model) => model?.ref.sha256 === sha256);
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
    this.previous = isBack ? undefined : before;
    if (isBack && before !== undefined) this.#bar(before);
    if (this.candidate === model) {
      if (reason !== "canary") this.#endCandidate("promoted", context);
      this.candidate = undefined;
    }
    this.#keep(context);
    const { consumer, model: name } = this.#options;
    context.emit(modelTopic(name, "serving"), {
      ...{ consumer, ...model.ref, offset, reason },
      ...(before !== undefined && { previous: before.ref }),
      ...(model.isRowByRow && { rowByRow: true }),
    });
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
  refuse(
    ref: ModelRef | undefined,
    refusal: {
      readonly role: "active" | "candidate";
      readonly code: string;
      readonly reason: string;
    },
    offset: number,
    context: Context,
  ): void {
    const { consumer, model } = this.#options;
    context.emit(modelTopic(model, "refused"), {
      ...{ consumer, ...ref, offset, ...refusal },
      ...(this.active !== undefined && { serving: this.active.ref }),
    });
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

  async #restore(context: Context): Promise<void> {
    const slots = context.state.get(stateKey) as Slots | undefined;
    const loaded = new Map<string, ServedModel>();
    const load = async (ref: ModelRef | undefined): Promise<ServedModel | undefined> => {
      if (ref === undefined) return undefined;
      const model = loaded.get(ref.sha256) ?? (await this.#load(ref, context));
      loaded.set(ref.sha256, model);
      return model;
    };
    this.active = await load(slots?.active);
    this.previous = await load(slots?.previous);
    this.candidate = await load(slots?.candidate);
    this.#barred = slots?.barred ?? [];
    this.#isFresh = slots === undefined;
    this.#isRestored = true;
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
    const { active, previous, candidate } = this;
    const slots: Slots = {
      ...(active !== undefined && { active: active.ref }),
      ...(previous !== undefined && { previous: previous.ref }),
      ...(candidate !== undefined && { candidate: candidate.ref }),
      barred: this.#barred,
    };
    context.state.put(stateKey, slots);
  }
}

/** Whether it is the model that is no good; else the next attempt may succeed, or nothing would. */
function isModelsFault(error: unknown): error is FedbusError {
  return isFedbusError(error) && error.code !== "MODEL_RUNTIME_MISSING" && !error.retryable;
}
