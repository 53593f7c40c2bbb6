/**
 * What to remove. At least one limit must be given, else OPTIONS_INVALID; the strictest one wins.
 *
 * Limits work by whole blocks: a block goes only when all its events (for a pattern, all that the
 * pattern matches) are outside the limit, so up to one block more than the limit is kept. Only
 * `before` with a pattern is exact to the event.
 */
export interface TrimOptions {
  /** Remove events before this offset. */
  readonly before?: number;
  /** Keep events at most this old, milliseconds. */
  readonly ageMsMax?: number;
  /** Keep at most this many bytes (of blocks; for a pattern, of its events' JSON). */
  readonly bytesMax?: number;
  /** Keep at most this many events. */
  readonly countMax?: number;
  /** Only events of topics that this pattern matches. Default: the whole log. */
  readonly pattern?: string;
  /** Whatever the limits say, keep the events from this offset on. */
  readonly notPast?: number;
  /** What ages are reckoned from, ms since 1970. Default: the log's clock when the trim's turn comes. */
  readonly now?: number;
  readonly signal?: AbortSignal;
  /** Called as the work goes on. Over a hub, `stats` tells instead. */
  readonly onProgress?: (progress: TrimProgress) => void;
}

/** How far a trim is: offsets that it is done with, of those that it has to go over. */
export interface TrimProgress {
  readonly done: number;
  readonly total: number;
}

export interface TrimResult {
  /** Events removed. */
  readonly removed: number;
  /** The log's first offset now. */
  readonly first: number;
}

/** A standing order: applied at start and then every `retentionIntervalMs`. */
export type RetentionRule = Omit<
  TrimOptions,
  "before" | "notPast" | "now" | "signal" | "onProgress"
>;
