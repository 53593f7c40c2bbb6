import type { Blobs, Logger } from "../../bus/index.js";
import type { Table } from "./table.js";
import type { Timers } from "./timers.js";

/** What an output may carry besides its topic and body. */
export interface EmitOptions {
  readonly headers?: Readonly<Record<string, unknown>>;
  /** Named in `headers.cause`, beside the consumer and the offset: the key the output is about. */
  readonly key?: string;
  /** Named in `headers.cause`: the window the output is about, as event times in ms. */
  readonly window?: { readonly start: number; readonly end: number };
}

/**
 * Everything that a plugin gets from outside. What it does with events and this alone is the same
 * live, in replay and after a crash, bit for bit.
 */
export interface Context<Config = unknown> {
  /** The consumer's configuration, checked, with its defaults filled in. */
  readonly config: Config;
  /** Whether this is a replay: what leaves the bus should not happen again. */
  readonly replay: boolean;
  /**
   * The log's time, ms since 1970: when the event being handled was recorded, or when the timer
   * that fires was due. Never the wall clock.
   */
  now(): number;
  /** A number from 0 to below 1, from a generator that is seeded by what is being handled. */
  random(): number;
  /** The consumer's own table. */
  readonly state: Table;
  /** Another of its tables. Names are `[a-z0-9-]+`. */
  table<Value = unknown>(name: string): Table<Value>;
  readonly timers: Timers;
  /**
   * Publishes an event, exactly once, when the changes of state that go with it are committed.
   * Throws TOPIC_INVALID, or EVENT_INVALID for what is not JSON.
   */
  emit(topic: string, msg: unknown, options?: EmitOptions): void;
  /**
   * What the lookup `name` of the consumer's `lookups` says of `key`: at once if an answer is held, else
   * a promise. The answer is recorded with what the event (or timer) causes, and a replay takes it from
   * there. Within one event the same key has one answer. In `prefetch` it only begins the lookup.
   *
   * Rejects with LOOKUP_FAILED. Throws OPTIONS_INVALID for a name that is not declared, and LOOKUP_FAILED for a
   * key that is not text or where nothing is being handled.
   */
  lookup<Value = unknown>(name: string, key: string): Value | Promise<Value>;
  /**
   * Bytes by their SHA-256, beside the log: what is too large for an event, such as a model. `put` is durable when
   * it resolves: put first, then emit the event that names it. In a replay what is put stays with the
   * replay, and `get` looks there first. Rejects as `BlobStore` says.
   */
  readonly blobs: Blobs;
  readonly logger: Logger;
  /** Aborted when the consumer is to stop. */
  readonly signal: AbortSignal;
}
