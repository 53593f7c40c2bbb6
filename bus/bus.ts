import type { ErrorJson } from "../schemas/errors.js";
import type { SchemaDefinition, SchemaListing } from "../schemas/registry.js";
import type { BlobStore } from "./blobs/blob-store.js";
import type { BusEvent } from "./event.js";
import type { BatchAnswer, LogStats } from "./log/event-log.js";
import type { EventSource } from "./log/event-source.js";
import type { TrimOptions, TrimProgress, TrimResult } from "./log/retention.js";
import type { TrimPlan } from "./log/trim-plan.js";
import type { EnvelopeSigner } from "./signing/signature.js";
import type { BodyOf } from "./typed-topics.js";
import type { UpcastOptions } from "./upcast/upcast-reader.js";

/** A bus, behind a hub (`connect`) or in this process (`openBus`): the same interface. */
export interface Bus extends AsyncDisposable {
  /** The log as something to read from, block by block. */
  readonly source: EventSource;
  /** Bytes by their SHA-256, beside the log: what is too large for events, such as models. */
  readonly blobs: BlobStore;
  publisher(options?: PublisherOptions): Publisher;
  /** For writers with a durable outbox of their own. Throws OPTIONS_INVALID. */
  sink(options: SinkOptions): EventSink;
  /** Events of one topic, or of a pattern that schemas are bound to, are typed by `FedbusTopics`. */
  subscribe<Topic extends string>(
    patterns?: Topic | readonly Topic[],
    options?: SubscribeOptions,
  ): Subscription<BodyOf<Topic>>;
  /** Stored events, bounded; ends at the head of the moment. */
  query(options?: QueryOptions): AsyncIterable<BusEvent>;
  /** Registers a schema version, as an event in the log; resolves with that event's offset. */
  registerSchema(schema: SchemaDefinition): Promise<number>;
  schemas(): Promise<readonly SchemaListing[]>;
  stats(): Promise<BusStats>;
  trim(options: TrimOptions): Promise<TrimResult>;
  /** What `trim` would remove if it were called now. Rejects with OPTIONS_INVALID, PATTERN_INVALID. */
  planTrim(options: TrimOptions): Promise<TrimPlan>;
  /** Drains publishers, closes sinks, ends subscriptions. Idempotent. */
  close(): Promise<void>;
}

export interface BusStats {
  readonly logId: string;
  readonly epoch: number;
  readonly first: number;
  readonly head: number;
  readonly log: LogStats;
  /** What becomes of events on topics that no schema is bound to. */
  readonly unknownTopics: "accept" | "refuse";
  /**
   * Patterns of topics whose events may come unsigned; everything else must be signed. Absent: signatures are
   * not checked.
   */
  readonly unsigned?: readonly string[];
  /** How far the trim is that is at work; absent when none is, or it has only begun. */
  readonly trimming?: TrimProgress;
  /** The log's directory; absent when it is in memory. */
  readonly dir?: string;
}

export interface PublisherOptions {
  /** A lasting name: resends after a restart are recognised by it. Default: a random one. */
  readonly producer?: string;
  /**
   * Directory of an on-disk spool. Everything published is written there first, hub or not; what
   * this process leaves unanswered, the next one that opens the spool sends. Needs `producer`.
   */
  readonly spool?: string;
  /** Fields for every envelope. */
  readonly username?: string;
  readonly sourceName?: string;
  readonly sourceVersion?: string;
  /** Signs each envelope that this publisher writes; `publishEnvelopes` takes them as they are. */
  readonly signer?: EnvelopeSigner;
  /** Events in one batch, at most. Default 1000. */
  readonly batchEventsMax?: number;
  /**
   * A batch is full once it has this many bytes: an event may come to it before, and text that is not
   * ASCII is counted late, by 16 KiB at most. Default 256 KiB.
   */
  readonly batchBytesMax?: number;
  /** Batches sent and not yet answered, at most. Default 8. */
  readonly windowBatchesMax?: number;
  /** Bytes waiting in this process, at most; past it, publish rejects with QUEUE_FULL. Default 64 MiB. */
  readonly queueBytesMax?: number;
  /**
   * Rejects with PUBLISH_UNKNOWN what was not answered for this long, a quarter more at most.
   * Default 30,000; with a spool, never.
   */
  readonly timeoutMs?: number;
}

export interface PublishOptions {
  readonly headers?: Readonly<Record<string, unknown>>;
}

/** An event to publish. */
export interface Outgoing extends PublishOptions {
  readonly topic: string;
  readonly msg: unknown;
}

/** What became of one event. */
export type PublishOutcome = { readonly offset: number } | { readonly error: ErrorJson };

export interface Publisher extends AsyncDisposable {
  /** Resolves with the event's offset once it is on disk; rejects with why it was refused. */
  publish<Topic extends string>(
    topic: Topic,
    msg: BodyOf<Topic>,
    options?: PublishOptions,
  ): Promise<number>;
  /**
   * Many at once; outcome by outcome, in order. A refused event does not reject the call, nor does
   * QUEUE_FULL for the events that found no room; a queue that is full before it does.
   */
  publishMany(events: readonly Outgoing[]): Promise<PublishOutcome[]>;
  /** Whole envelopes, their bytes kept exactly. */
  publishEnvelopes(envelopes: readonly (string | Uint8Array)[]): Promise<PublishOutcome[]>;
  /** Resolves when there is room in the queue again: for producers faster than the disk. */
  ready(): Promise<void>;
  /**
   * Resolves when everything published so far is in the spool, and so survives this process.
   * Without a spool, the same as `drain`. Like `ready` and `drain`, rejects with what has ended the
   * publisher: PRODUCER_FENCED, or LOG_WRITE_FAILED after a write of the spool that failed.
   */
  spooled(): Promise<void>;
  /** Resolves when everything published so far is answered. */
  drain(): Promise<void>;
  /** Drains, then closes. Idempotent. */
  close(): Promise<void>;
}

/** What a sink is opened with. */
export interface SinkOptions {
  /** A lasting name, 1 to 128 characters. Opening it fences the instance that had it before. */
  readonly producer: string;
  /**
   * The sequence of the first event that the caller has not yet seen answered: 0 for a new one.
   * Its sends start there.
   */
  readonly nextSeq: number;
  /**
   * The sequence behind the last event that the caller has kept to send. A hub that is further has
   * taken what the caller has forgotten, and would take what the caller sends now for resends: then
   * sends reject with LOG_DIVERGED. Default: not checked.
   */
  readonly endSeq?: number;
  /** Batches sent and not yet answered, at most 32; what is more waits here. Default 8. */
  readonly windowBatchesMax?: number;
}

/** Events of one send. Sent again, it must be the same batch: same bounds, same events. */
export interface NumberedBatch {
  /** The sequence of the first event. */
  readonly seq: number;
  /** Events in the block. */
  readonly count: number;
  /** What `encodeBatch` makes; kept until it is answered. */
  readonly block: Buffer;
}

/**
 * Writes batches whose sequences the caller keeps, in its own durable outbox, exactly once: after
 * a crash the caller opens a sink anew and sends again what it has not seen answered.
 */
export interface EventSink extends AsyncDisposable {
  /**
   * In sequence order, without gaps (else RangeError); several at a time. Resends by itself until
   * the hub has answered, also over a restart of the hub. Resolves with the answer: events that
   * were refused stand in it, and `firstOffset` is -1 if there is no other, or if the hub had stored
   * the batch for an earlier instance and no longer remembers where (then refusals are not told).
   *
   * Rejects with PRODUCER_FENCED, LOG_DIVERGED or CLOSED, and then for good; or with what the hub
   * says of a batch that it will never take (BLOCK_INVALID, BLOCK_CORRUPT, BLOCK_VERSION), and then
   * the sequence goes on behind it.
   */
  send(batch: NumberedBatch): Promise<BatchAnswer>;
  /** Pending sends reject with CLOSED; they may or may not be stored. Idempotent. */
  close(): Promise<void>;
}

/** Where a subscription starts: default `live`. */
export type StartAt =
  | "live"
  | "earliest"
  | { readonly offset: number; readonly epoch?: number }
  | { readonly time: number };

export interface SubscribeOptions extends UpcastOptions {
  readonly from?: StartAt;
  readonly signal?: AbortSignal;
}

/** Events of one block-sized step. */
export interface EventBatch<Msg = unknown> {
  readonly events: readonly BusEvent<Msg>[];
  /** The next offset wanted: keep it, with the last event's epoch, to go on from here later. */
  readonly next: number;
  /** True once for each transition from behind the head to at the head. */
  readonly caughtUp: boolean;
}

/** Each matching event once, in order, from the log and then live. Iterate it once. */
export interface Subscription<Msg = unknown> extends AsyncIterable<BusEvent<Msg>>, AsyncDisposable {
  /** The same stream in batches, which is faster and tells when it has caught up. */
  batches(): AsyncIterable<EventBatch<Msg>>;
  /** Resolves when the stream has first reached the head. */
  whenCaughtUp(): Promise<void>;
  close(): Promise<void>;
}

export interface QueryOptions extends UpcastOptions {
  readonly patterns?: string | readonly string[];
  /** Offsets: `from` inclusive, `to` exclusive. */
  readonly from?: number;
  readonly to?: number;
  /** Recording times, ms since 1970: `since` inclusive, `until` exclusive. */
  readonly since?: number;
  readonly until?: number;
  readonly order?: "asc" | "desc";
  /** Only events that this accepts. */
  readonly where?: (event: BusEvent) => boolean;
  readonly limit?: number;
  readonly signal?: AbortSignal;
}
