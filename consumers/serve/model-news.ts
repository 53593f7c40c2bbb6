import { modelTopic } from "../models/registry/model-version.js";
import type { Context } from "../plugin/context.js";
import type { ModelRef, SwapReason } from "./model-events.js";
import type { ServedModel } from "./served-model.js";

/** What a model was to do that is of no use. */
export type RefusedRole = "active" | "previous" | "candidate";

/** Why a model is not used. */
export interface Refusal {
  readonly role: RefusedRole;
  readonly code: string;
  readonly reason: string;
  /** What to do about it, where that is not to publish a better one. */
  readonly remedy?: string;
}

/** Whose news they are. */
export interface NewsOf {
  readonly consumer: string;
  readonly model: string;
}

/** Tells which models a consumer serves, and which it does not. */
export class ModelNews {
  readonly #of: NewsOf;

  constructor(of: NewsOf) {
    this.#of = of;
  }

  /** `model` answers from here on, in the place of `before`. */
  serving(
    { ref, isRowByRow }: ServedModel,
    { reason, before }: { readonly reason: SwapReason; readonly before?: ServedModel | undefined },
    offset: number,
    context: Context,
  ): void {
    const { consumer, model } = this.#of;
    context.emit(modelTopic(model, "serving"), {
      ...{ consumer, ...ref, offset, reason },
      ...(before !== undefined && { previous: before.ref }),
      ...(isRowByRow && { rowByRow: true }),
    });
  }

  /** A model is not to be used; `serving` answers instead. Is told in the log, too. */
  refused(
    ref: ModelRef | undefined,
    { serving, ...refusal }: Refusal & { readonly serving?: ModelRef | undefined },
    offset: number,
    context: Context,
  ): void {
    const { consumer, model } = this.#of;
    const instead = serving === undefined ? {} : { serving };
    context.emit(modelTopic(model, "refused"), {
      ...{ consumer, ...ref, offset, ...refusal, ...instead },
    });
    this.warn(ref, refusal, offset, context);
  }

  /** Tells only in the log that a model is not to be used. */
  warn(ref: ModelRef | undefined, refusal: Refusal, offset: number, context: Context): void {
    const { model } = this.#of;
    const { role, reason, remedy } = refusal;
    const which = ref === undefined ? model : `${model}@${ref.version ?? ref.sha256.slice(0, 12)}`;
    const text = `the ${role} model ${which} is refused: ${reason}`;
    context.logger.warn({ ...ref, offset }, remedy === undefined ? text : `${text}. ${remedy}`);
  }

  /** What helps where the file of the model that answers is of no use any more. */
  get remedy(): string {
    const { model } = this.#of;
    return (
      "Put its file back (out of a backup, or by `fedbus model import` of the same file) and start the consumer " +
      `again; or let another one answer: \`fedbus model list ${model}\`, \`fedbus model promote ${model}@N\``
    );
  }
}
