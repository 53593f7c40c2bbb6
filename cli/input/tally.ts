import type { PublishOutcome } from "../../bus/index.js";
import type { ErrorCode, ErrorJson } from "../../schemas/index.js";

/** Line numbers kept for each reason, at most. */
const examplesMax = 5;

/** Reasons told apart by their messages, at most; further ones are put together by their code. */
export const reasonsMax = 20;

/** One reason that events were refused for. */
export interface Reason {
  readonly code: ErrorCode;
  readonly message: string;
  count: number;
  /** Line numbers (or offsets) of the first such events. */
  readonly lines: number[];
}

/** What became of many events. */
export class Tally {
  accepted = 0;
  refused = 0;
  firstOffset: number | undefined;
  lastOffset: number | undefined;
  readonly #reasons = new Map<string, Reason>();

  take(outcome: PublishOutcome, line: number): void {
    if ("error" in outcome) this.refuse(outcome.error, line);
    else this.#accept(outcome.offset);
  }

  refuse({ code, message }: ErrorJson, line: number): void {
    this.refused++;
    const reason = this.#reasonOf(code, message);
    reason.count++;
    if (reason.lines.length < examplesMax) reason.lines.push(line);
  }

  #reasonOf(code: ErrorCode, message: string): Reason {
    const own = this.#reasons.get(`${code} ${message}`);
    if (own !== undefined) return own;
    const isFull = this.#reasons.size >= reasonsMax;
    const text = isFull ? "for other reasons of this kind" : message;
    const key = `${code} ${text}`;
    const reason = this.#reasons.get(key) ?? { code, message: text, count: 0, lines: [] };
    this.#reasons.set(key, reason);
    return reason;
  }

  #accept(offset: number): void {
    this.accepted++;
    this.firstOffset = Math.min(this.firstOffset ?? offset, offset);
    this.lastOffset = Math.max(this.lastOffset ?? offset, offset);
  }

  /** The most frequent reason first. */
  get reasons(): Reason[] {
    return [...this.#reasons.values()].sort((a, b) => b.count - a.count);
  }

  toJSON(): object {
    const { accepted, refused, firstOffset, lastOffset, reasons } = this;
    return { accepted, refused, firstOffset, lastOffset, reasons };
  }
}
