import { FedbusError } from "../schemas/errors.js";
import type { SchemaDefinition, SchemaListing } from "../schemas/index.js";
import { canonicalPatterns } from "../schemas/index.js";
import type { BlobStore } from "./blobs/blob-store.js";
import type {
  Bus,
  BusStats,
  EventSink,
  Publisher,
  PublisherOptions,
  QueryOptions,
  SinkOptions,
  SubscribeOptions,
  Subscription,
} from "./bus.js";
import type { BusEvent } from "./event.js";
import type { EventSource } from "./log/event-source.js";
import type { TrimOptions, TrimResult } from "./log/retention.js";
import type { TrimPlan } from "./log/trim-plan.js";
import { BusPublisher } from "./publisher/bus-publisher.js";
import { NumberedSink } from "./publisher/numbered-sink.js";
import type { PublishPort } from "./publisher/port.js";
import { querySource } from "./query.js";
import { SourceSubscription } from "./subscription.js";
import type { BodyOf } from "./typed-topics.js";

/** What a bus administers, wherever its log is. */
export interface Administration {
  registerSchema(schema: SchemaDefinition): Promise<number>;
  schemas(): Promise<readonly SchemaListing[]>;
  stats(): Promise<BusStats>;
  trim(options: TrimOptions): Promise<TrimResult>;
  planTrim(options: TrimOptions): Promise<TrimPlan>;
}

/** A bus made of its parts: something to read, somewhere to publish, and its administration. */
export class SourceBus implements Bus {
  readonly source: EventSource;
  readonly blobs: BlobStore;
  readonly #openPort: () => { readonly port: PublishPort; close(): void };
  readonly #administration: Administration;
  readonly #closeParts: () => Promise<void>;
  readonly #writers = new Set<Publisher | EventSink>();
  readonly #subscriptions = new Set<Subscription>();
  #closed: Promise<void> | undefined;

  constructor(parts: {
    readonly source: EventSource & { readonly blobs: BlobStore };
    /** One port for each publisher or sink. */
    readonly openPort: () => { readonly port: PublishPort; close(): void };
    readonly administration: Administration;
    readonly close: () => Promise<void>;
  }) {
    this.source = parts.source;
    this.blobs = parts.source.blobs;
    this.#openPort = parts.openPort;
    this.#administration = parts.administration;
    this.#closeParts = parts.close;
  }

  publisher(options: PublisherOptions = {}): Publisher {
    return this.#opened((port, onClose) => new BusPublisher(port, options, onClose));
  }

  sink(options: SinkOptions): EventSink {
    return this.#opened((port, onClose) => new NumberedSink(port, options, onClose));
  }

  subscribe<Topic extends string>(
    patterns: Topic | readonly Topic[] = [],
    options: SubscribeOptions = {},
  ): Subscription<BodyOf<Topic>> {
    this.#checkOpen();
    const set = canonicalPatterns(typeof patterns === "string" ? [patterns] : patterns);
    const subscription = new SourceSubscription(this.source, set, options, (closed) =>
      this.#subscriptions.delete(closed),
    );
    this.#subscriptions.add(subscription);
    return subscription as Subscription<BodyOf<Topic>>;
  }

  query(options: QueryOptions = {}): AsyncIterable<BusEvent> {
    this.#checkOpen();
    return querySource(this.source, options);
  }

  async registerSchema(schema: SchemaDefinition): Promise<number> {
    this.#checkOpen();
    return await this.#administration.registerSchema(schema);
  }

  async schemas(): Promise<readonly SchemaListing[]> {
    this.#checkOpen();
    return await this.#administration.schemas();
  }

  async stats(): Promise<BusStats> {
    this.#checkOpen();
    return await this.#administration.stats();
  }

  async trim(options: TrimOptions): Promise<TrimResult> {
    this.#checkOpen();
    return await this.#administration.trim(options);
  }

  async planTrim(options: TrimOptions): Promise<TrimPlan> {
    this.#checkOpen();
    return await this.#administration.planTrim(options);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** A writer with a port of its own, which closes with it. */
  #opened<Writer extends Publisher | EventSink>(
    make: (port: PublishPort, onClose: () => void) => Writer,
  ): Writer {
    this.#checkOpen();
    const { port, close } = this.#openPort();
    try {
      const writer: Writer = make(port, () => {
        this.#writers.delete(writer);
        close();
      });
      this.#writers.add(writer);
      return writer;
    } catch (error) {
      close();
      throw error;
    }
  }

  /** Closes everything, whatever fails on the way, and then reports all that did. */
  async #close(): Promise<void> {
    const users = [...this.#writers, ...this.#subscriptions];
    const ends = await Promise.allSettled(users.map((user) => user.close()));
    ends.push(...(await Promise.allSettled([this.#closeParts()])));
    const errors = ends.flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, "closing the bus failed");
  }

  #checkOpen(): void {
    if (this.#closed !== undefined) throw new FedbusError("CLOSED", "the bus is closed");
  }
}
