/** What a runner holds and waits for, at most; each can be set. */
export interface RunnerLimits {
  /** Events, and timers, between two commits. Default 50,000. */
  readonly commitEventsMax: number;
  /** Bytes of outputs between two commits. Default 4 MiB. */
  readonly commitBytesMax: number;
  /** Time between two commits while there is nothing to publish, or no pause, ms. Default 1,000. */
  readonly commitIntervalMs: number;
  /** Bytes of outputs that are committed and not yet in the log. Default 16 MiB. */
  readonly outboxBytesMax: number;
  /** Bytes of a commit's outputs from which on they are a file, and not in the database. Default 256 KiB. */
  readonly outboxFileBytesMin: number;
  /** Events of which a handler with `prefetch` is told ahead. Default 1,000. */
  readonly prefetchEventsMax: number;
  /** Timers of each clock that are held in memory, about. Default 200,000. */
  readonly timersInMemoryMax: number;
  /** Longest wait between two attempts at an event, ms. Default 10,000. */
  readonly retryMsMax: number;
}

export const runnerLimits: RunnerLimits = Object.freeze({
  commitEventsMax: 50_000,
  commitBytesMax: 4 * 1024 * 1024,
  commitIntervalMs: 1_000,
  outboxBytesMax: 16 * 1024 * 1024,
  outboxFileBytesMin: 256 * 1024,
  prefetchEventsMax: 1_000,
  timersInMemoryMax: 200_000,
  retryMsMax: 10_000,
});

/** Events of one batch of outputs, and its bytes, about. */
export const batchLimits = { eventsMax: 1_000, bytesMax: 256 * 1024 } as const;

/** Bytes of one output, whatever its hub would take: a batch of it must still fit a frame. */
export const outputBytesMax = 1024 * 1024;
