import type { TrimOptions } from "./retention.js";

/** What is to be kept, with the time it is reckoned from (milliseconds since 1970). */
export type TrimLimits = Pick<TrimOptions, "before" | "ageMsMax" | "bytesMax" | "countMax"> & {
  readonly now: number;
};

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

  /** Whether `piece` goes. Ask no further after the first that stays. */
  take(piece: TrimPiece): boolean {
    const { before, ageMsMax, bytesMax, countMax, now } = this.#limits;
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
