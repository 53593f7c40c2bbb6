/** An answer from outside of the bus, as it was recorded when it was given. */
export interface RecordedAnswer {
  /** Offset of the event for which it was asked. */
  readonly offset: number;
  /** Any JSON value; absent if there was none. */
  readonly value?: unknown;
  /** Why there was none. */
  readonly error?: string;
}

/**
 * The answers that a consumer got from outside, so that a replay need not ask again: what is outside
 * may have changed. They stand in the log, in events of the topic `consumers.<name>.lookup`.
 */
export interface RecordedAnswers {
  /**
   * What was answered for `key` to the event at `offset`; else the newest answer to an event before
   * it; else the first to one after it. Undefined if that key was never asked for.
   */
  find(
    key: string,
    offset: number,
  ): RecordedAnswer | undefined | Promise<RecordedAnswer | undefined>;
}
