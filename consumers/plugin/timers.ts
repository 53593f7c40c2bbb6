/** By which clock a timer is due: the events' own time (the watermark), or the log's. */
export type TimerClock = "event" | "log";

/** A timer that has become due. */
export interface Timer {
  readonly clock: TimerClock;
  /** When it was due, ms since 1970. */
  readonly at: number;
  readonly key: string;
}

/**
 * Durable timers. One is named by its clock, time and key; setting it twice sets it once. Due ones
 * fire in order of time, then key: log timers before any event that was recorded after them, event
 * timers as soon as the watermark has reached them. Both are the same in replay.
 */
export interface Timers {
  /** A time that is past already fires after the event being handled. */
  set(clock: TimerClock, at: number, key: string): void;
  delete(clock: TimerClock, at: number, key: string): void;
  /** Event times below this are complete, as far as the stream's disorder is known. -Infinity at first. */
  readonly watermark: number;
}
