import type { BusEvent, Logger } from "../../bus/index.js";
import type { Context } from "./context.js";
import type { LookupPlan } from "./lookup.js";
import type { Timer } from "./timers.js";

/** What runs: made by `create`, once for each process that runs the consumer and after each failure. */
export interface Handlers<Config = unknown> {
  /** Called for each event, in offset order. Return a promise only where something is waited for. */
  handle(event: BusEvent, context: Context<Config>): void | Promise<void>;
  /**
   * Called for events that are about to be handled, in order, so that what they will wait for can be
   * begun: `context.lookup` begins a lookup here. A hint only: it may be left out, and if it throws that
   * is all. It may read state as it is now; it must change and emit nothing.
   */
  prefetch?(event: BusEvent, context: Context<Config>): void;
  /** How many events ahead it helps to be told of. Default: as many as the runner's `prefetchEventsMax`. */
  readonly prefetchEventsMax?: number;
  /** Called for each timer that is due. */
  timer?(timer: Timer, context: Context<Config>): void | Promise<void>;
  /** Called before each commit: what leaves the bus must have left it when this resolves. */
  flush?(context: Context<Config>): void | Promise<void>;
  /**
   * What somebody who asks how the consumer is should know beside its figures, a sentence; undefined if there is nothing.
   * Asked several times a second: it must be quick, and change nothing.
   */
  note?(): string | undefined;
  close?(): void | Promise<void>;
}

/** What `create` is given. */
export interface Setup<Config = unknown> {
  /** What the consumer runs under, which need not be the plugin's own name: its topics and ids go by it. */
  readonly name: string;
  readonly config: Config;
  readonly replay: boolean;
  readonly logger: Logger;
  /** SHA-256 of the plugin's code, hex; absent if it came from no file. */
  readonly code?: string;
}

/** How the consumer learns which event times are complete. */
export interface WatermarkOptions {
  /** An event's own time, ms since 1970. Default: its `timestamp`. */
  readonly time?: (event: BusEvent) => number;
  /** How far an event may come behind a later one. Default 0. */
  readonly outOfOrderMs?: number;
  /**
   * When nothing has come for this much of the log's time, event time goes on with the log's:
   * windows close although the stream went quiet. Default 60,000.
   */
  readonly idleMs?: number;
}

/** What becomes of an event that cannot be handled: the dead-letter topic, or the consumer halts. */
export type OnFailure = "dead-letter" | "halt";

/** A consumer plugin: the value that a module exports as its default. Made by `consumer`. */
export interface Consumer<Config = unknown> {
  /** `[a-z0-9-]+`, at most 64 characters. Its state, checkpoint and outputs go by this name. */
  readonly name: string;
  /** Of the code: stands in every output. */
  readonly version: string;
  /** SHA-256 of its code, hex: known if it was loaded from a file. */
  readonly code?: string;
  /** JSON Schema of the configuration, an object; its `default`s are filled in. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Whether events have keys, and their order matters by key only. */
  readonly keyed: boolean;
  /** What it asks outside of the bus, by name. */
  readonly lookups: Readonly<Record<string, LookupPlan>>;
  readonly onFailure: OnFailure;
  /** Attempts at one event before it counts as failed. */
  readonly attemptsMax: number;
  /** Patterns of the topics that it reads. */
  topics(config: Config): readonly string[];
  /** The event's key; undefined if it has none. */
  keyOf(event: BusEvent, config: Config): string | undefined;
  watermark(config: Config): WatermarkOptions;
  create(setup: Setup<Config>): Handlers<Config>;
}
