import type { BlobStorage } from "../blobs/blob-store.js";
import type { Block } from "../block/block.js";
import type { BlockDraft } from "../block/draft.js";
import type { RefusedEvent } from "../block/producer-run.js";
import type { EventSource } from "./event-source.js";
import type { TrimOptions, TrimResult } from "./retention.js";
import type { TrimPlan } from "./trim-plan.js";

/** The answer to one batch: what a resend gets again. */
export interface BatchAnswer {
  /** Sequence of the batch's first event. */
  readonly seq: number;
  readonly count: number;
  /** Offset of the batch's first accepted event; the others follow it. -1 if all were refused. */
  readonly firstOffset: number;
  readonly refused: readonly RefusedEvent[];
}

/** What the log remembers of a producer. */
export interface ProducerState {
  readonly id: string;
  /** The instance that may write. */
  readonly epoch: number;
  /** The sequence that its next event must have. */
  readonly nextSeq: number;
  /** Answers to its last batches, oldest first; at most `answersMax`. */
  readonly answers: readonly BatchAnswer[];
}

/** How many answers a log keeps for each producer. A publisher's window must be smaller. */
export const answersMax = 64;

/**
 * An append-only log of blocks.
 *
 * Atomicity: an `append` is stored whole or not at all, with the producers' progress that its
 * drafts carry. Durability: it resolves after fsync. Order: appends take effect in call order, and
 * offsets are dense. Concurrency: one append at a time (the caller queues); readers run beside it
 * and see an append only once it is durable. A failed append rejects with LOG_WRITE_FAILED or
 * LOG_DISK_LOW only when it is certain that nothing of it was kept; when it turns out that it was
 * kept, it resolves. `close` waits for the append in flight.
 */
export interface EventLog extends EventSource {
  readonly logId: string;
  readonly epoch: number;
  readonly first: number;
  readonly head: number;
  readonly blobs: BlobStorage;
  append(drafts: readonly BlockDraft[]): Promise<readonly Block[]>;
  /**
   * The log's time: no event from `head` on is, or ever will be, recorded before it. It is the
   * clock's, and never goes back; while an append is under way it is that append's. Undefined once
   * the log takes no more. Ms since 1970.
   */
  time(): number | undefined;
  /** The producer's state, or undefined if the log has never seen it. */
  producer(id: string): Promise<ProducerState | undefined>;
  /** Durably raises the producer's epoch, so that older instances are fenced; the new state. */
  openProducer(id: string): Promise<ProducerState>;
  /** Removes events by age, size or count. Reclaims the space before it resolves. */
  trim(options: TrimOptions): Promise<TrimResult>;
  /** What `trim` would remove if it were called now. */
  planTrim(options: TrimOptions): Promise<TrimPlan>;
  stats(): Promise<LogStats>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface LogStats {
  readonly blocks: number;
  readonly events: number;
  /** Bytes of all blocks. */
  readonly bytes: number;
  /** Bytes on disk, as the file system counts them; 0 for a log in memory. */
  readonly diskBytes: number;
  readonly topics: number;
  /** Recording time of the first and the last event, ms since 1970; undefined if empty. */
  readonly firstRecordedAt?: number;
  readonly lastRecordedAt?: number;
}
