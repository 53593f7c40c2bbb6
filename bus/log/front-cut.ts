import { FedbusError } from "../../schemas/errors.js";
import type { TrimOptions } from "./retention.js";

/** What is to be kept, with the time it is reckoned from (milliseconds since 1970). */
export type TrimLimits = Pick<
  TrimOptions,
  "before" | "ageMsMax" | "bytesMax" | "countMax" | "notPast"
> & {
  readonly now: number;
};

/** Throws OPTIONS_INVALID unless there is a limit, and each is a whole number. */
export function checkLimits(options: TrimOptions): void {
  const { before, ageMsMax, bytesMax, countMax, notPast, now } = options;
  const limits = Object.entries({ before, ageMsMax, bytesMax, countMax });
  const given = limits.filter(([, value]) => value !== undefined);
  const others = Object.entries({ notPast, now }).filter(([, value]) => value !== undefined);
  const numbers = [...given, ...others];
  const wrong = numbers.filter(([, value]) => !(Number.isSafeInteger(value) && Number(value) >= 0));
  if (given.length === 0)
    throw new FedbusError("OPTIONS_INVALID", "trim needs before, ageMsMax, bytesMax or countMax");
  if (wrong.length > 0)
    throw new FedbusError(
      "OPTIONS_INVALID",
      `${wrong.map(([name]) => name).join(", ")} must be a whole number, 0 or more`,
    );
}

/** A block's worth of events that retention decides on as one. */
export interface TrimPiece {
  readonly firstOffset: number;
  readonly nextOffset: number;
  readonly recordedAt: number;
  readonly count: number;
  readonly bytes: number;
}

/**
 * Decides, piece by piece from the oldest on, how much of a log's front may go.
 *
 * A piece goes only if every one of its events is outside some limit, so retention never removes
 * an event that a limit keeps; what is left may exceed `bytesMax` or `countMax` by part of a block.
 */
export class FrontCut {
  readonly #limits: TrimLimits;
  #count: number;
  #bytes: number;
  #offset = 0;

  /** `total` is what all pieces together hold. */
  constructor(limits: TrimLimits, total: { readonly count: number; readonly bytes: number }) {
    this.#limits = limits;
    this.#count = total.count;
    this.#bytes = total.bytes;
  }

  /** Everything before this offset may go; 0 if nothing may. */
  get offset(): number {
    return this.#offset;
  }

  /** Of a pattern's events, those before this offset may go, whatever blocks they are in. */
  get exact(): number {
    const { before = 0, notPast = before } = this.#limits;
    return Math.min(before, notPast);
  }

  /** Whether `piece` goes. Ask no further after the first that stays. */
  take(piece: TrimPiece): boolean {
    const { before, ageMsMax, bytesMax, countMax, notPast, now } = this.#limits;
    if (notPast !== undefined && piece.nextOffset > notPast) return false;
    const goes =
      (before !== undefined && piece.nextOffset <= before) ||
      (ageMsMax !== undefined && piece.recordedAt < now - ageMsMax) ||
      (bytesMax !== undefined && this.#bytes - piece.bytes >= bytesMax) ||
      (countMax !== undefined && this.#count - piece.count >= countMax);
    if (!goes) return false;
    this.#count -= piece.count;
    this.#bytes -= piece.bytes;
    this.#offset = piece.nextOffset;
    return true;
  }
}
