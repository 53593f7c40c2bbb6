import type { BlobSource } from "../blobs/blob-store.js";
import type { Block } from "../block/block.js";
import type { OffsetRange } from "./offset-ranges.js";

export interface SourceInfo {
  /** The log's id, made once when the log is created. */
  readonly logId: string;
  /** Changes whenever the log is opened, and never goes back. */
  readonly epoch: number;
  /** The first offset that can still be read. */
  readonly first: number;
  /** The offset that the next event will get. */
  readonly head: number;
  /** The log's time: no event from `head` on is recorded before it. As in `FollowedPage`. */
  readonly time?: number;
  /** What the first block that can be read names as `previous`, in hex. Zeros at offset 0. */
  readonly base?: string;
  /** The chain hash of the newest block, in hex: what the next block will name as `previous`. */
  readonly hash?: string;
  /** What was acknowledged and is gone, as a person has accepted; absent if nothing is. */
  readonly lost?: readonly OffsetRange[];
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
  /**
   * At the head, also yields pages without blocks that tell the time: one about every second, and
   * one for each step over events that do not match. Default false.
   */
  readonly beacons?: boolean;
  readonly signal?: AbortSignal;
}

/** A piece of the endless stream. */
export interface FollowedPage {
  readonly blocks: readonly Block[];
  /** The next offset the follower wants: everything before it was delivered or matched nothing. */
  readonly next: number;
  /** Whether the follower has reached the head. */
  readonly caughtUp: boolean;
  /**
   * No event behind `next` is recorded before this time: hub clock, ms since 1970. Only with
   * `beacons`, and only where the follower is at the head.
   */
  readonly time?: number;
}

/**
 * Everything that can be read: a log, a remote hub, a range.
 *
 * Order: blocks come in offset order, each matching event exactly once. `read` is bounded and
 * `follow` is not; both are pull-driven and hold nothing while nobody asks. Any number of readers
 * may run at once. `close` ends followers with CLOSED.
 *
 * Failures of `read` and `follow`:
 *
 * - OFFSET_INVALID: `from` is past the head; with `epoch` given, LOG_DIVERGED instead.
 * - LOG_CORRUPT: the next blocks are damaged or lost. `details.from` and `details.to` are the range,
 *   and reading on from `to` works (for `desc`, up to `from`). What lies before was delivered first.
 * - LOG_TRUNCATED: retention removed what was asked for; reading on from `details.first` works.
 *   For the whole log's retention that is `from < first`, also for a reader that was overtaken.
 *   Retention by pattern takes events out of the middle. Who wants only such events, and from
 *   below the horizon, gets LOG_TRUNCATED with the horizon as `details.first`. Who wants other
 *   events too reads on without them, and sees it by `Block.trimmed`; but a `follow` that is
 *   overtaken while it runs ends with LOG_TRUNCATED once, `details.first` being its own place.
 *
 * A reader without patterns gets every block as it is stored, its hash included; of a block that
 * retention emptied, that is one with `count` 0.
 */
export interface EventSource {
  /** What its events name by SHA-256. */
  readonly blobs: BlobSource;
  info(): Promise<SourceInfo>;
  read(options: ReadOptions): Promise<Page>;
  follow(options: FollowOptions): AsyncIterable<FollowedPage>;
  /** The first offset recorded at or after `time` (milliseconds since 1970); the head if none. */
  offsetAtTime(time: number): Promise<number>;
  /** Topics that have events, sorted, of those that a pattern matches. */
  topics(patterns?: readonly string[]): Promise<readonly TopicInfo[]>;
}
