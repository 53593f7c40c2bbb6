import type { TimerClock } from "./timers.js";

/** For what a consumer asked outside of the bus. */
export interface Asking {
  /** Offset of the event that was handled, or of the last one before the timer. */
  readonly offset: number;
  /** Only for a timer: which one. */
  readonly timer?: {
    readonly clock: TimerClock;
    readonly at: number;
    readonly group: number;
    readonly key: string;
  };
}

/** What came of a lookup. */
export interface Answer {
  /** Any JSON value; absent if there was none. */
  readonly value?: unknown;
  /** Why there was none. */
  readonly error?: string;
}

/** An answer from outside of the bus, as it is recorded: the body of an event on `consumers.<name>.lookup`. */
export interface RecordedAnswer extends Asking, Answer {
  /** The lookup's name. */
  readonly lookup: string;
  readonly key: string;
}

/**
 * The answers that a consumer got from outside, so that a replay need not ask again: what is outside
 * may have changed.
 */
export interface RecordedAnswers {
  /**
   * What the lookup answered for `key` when it was asked for this very event or timer; else the newest
   * answer to an event before it; else the first to one after it. Undefined if it never was asked
   * for that key.
   */
  find(
    lookup: string,
    key: string,
    asking: Asking,
  ): Answer | undefined | Promise<Answer | undefined>;
}

/** The topic of the answers that the consumer `name` got from outside. */
export function lookupTopic(name: string): string {
  return `consumers.${name}.lookup`;
}
