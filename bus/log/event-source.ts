import type { Block } from "../block/block.js";

/** Where a reader stands: the next offset it wants, and the epoch of the event before it. */
export interface Position {
  readonly offset: number;
  /** Epoch of the block that holds `offset - 1`. Given, a log that was rolled back is detected. */
  readonly epoch?: number;
}

export interface SourceInfo {
  /** The log's id, made once when the log is created. */
  readonly logId: string;
  /** Changes whenever the log is opened, and never goes back. */
  readonly epoch: number;
  /** The first offset that can still be read. */
  readonly first: number;
  /** The offset that the next event will get. */
  readonly head: number;
}

/** What the log knows of one topic. */
export interface TopicInfo {
  readonly topic: string;
  /** Events still in the log. */
  readonly count: number;
  /** Their JSON bytes. */
  readonly bytes: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
}

export interface ReadOptions {
  /** First offset wanted, inclusive. */
  readonly from: number;
  /** Offset to stop before. Default: the head. */
  readonly to?: number;
  /** Only events whose topic one of these matches. Default: all. */
  readonly patterns?: readonly string[];
  /** `desc` walks from `to` down to `from`; blocks come newest first, each ascending inside. */
  readonly order?: "asc" | "desc";
  /** The page ends once it holds this many bytes of blocks (at least one block). Default 1 MiB. */
  readonly bytesMax?: number;
  /** Checks that the event before `from` was recorded under this epoch: else LOG_DIVERGED. */
  readonly epoch?: number;
  readonly signal?: AbortSignal;
}

/** A bounded piece of the log. */
export interface Page {
  /** Matching events. May be empty: then everything up to `next` matched nothing. */
  readonly blocks: readonly Block[];
  /** Where to go on: the next `from`, or for `desc` the next `to`. */
  readonly next: number;
  /** Whether the wanted range is exhausted. */
  readonly done: boolean;
  /** The log's first and head at the time of the read. */
  readonly first: number;
  readonly head: number;
}

export interface FollowOptions {
  /** First offset wanted, or `live` for what comes from now on. */
  readonly from: number | "live";
  readonly epoch?: number;
  readonly patterns?: readonly string[];
  readonly bytesMax?: number;
  readonly signal?: AbortSignal;
}

/** A piece of the endless stream. */
export interface FollowedPage {
  readonly blocks: readonly Block[];
  /** The next offset the follower wants: everything before it was delivered or matched nothing. */
  readonly next: number;
  /** Whether the follower has reached the head. */
  readonly caughtUp: boolean;
}

/**
 * Everything that can be read: a log, a remote hub, a range.
 *
 * Order: blocks come in offset order, each matching event exactly once. `read` is bounded and
 * `follow` is not; both are pull-driven and hold nothing while nobody asks. Any number of readers
 * may run at once. `close` ends followers with CLOSED.
 *
 * Reading from an offset that retention removed fails with LOG_TRUNCATED (`details.first` is the
 * first offset that can be had); past the head, with OFFSET_INVALID; damaged blocks, with
 * LOG_CORRUPT (`details.from` and `details.to` are the damaged range; reading on from `to` works).
 */
export interface EventSource {
  info(): Promise<SourceInfo>;
  read(options: ReadOptions): Promise<Page>;
  follow(options: FollowOptions): AsyncIterable<FollowedPage>;
  /** The first offset recorded at or after `time` (milliseconds since 1970); the head if none. */
  offsetAtTime(time: number): Promise<number>;
  /** Topics that have events, sorted, of those that a pattern matches. */
  topics(patterns?: readonly string[]): Promise<readonly TopicInfo[]>;
}
