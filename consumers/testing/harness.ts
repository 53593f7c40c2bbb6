import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BlobStore, type Bus, type BusEvent, type Logger, openBus } from "../../bus/index.js";
import { FedbusError, MessageIds } from "../../schemas/index.js";
import type { DeadLetter } from "../dead-letters/dead-letters.js";
import { producerOf } from "../home/producer-name.js";
import { completeConfig } from "../plugin/config.js";
import type { Consumer } from "../plugin/consumer.js";
import { loadPlugin } from "../plugin/loader.js";
import { deadLetterTopic } from "../runner/dead-letter.js";
import { boundedFeed } from "../runner/feed.js";
import { isOwnOutput } from "../runner/own-output.js";
import { Runner } from "../runner/runner.js";
import { entriesOf } from "../store/inspect.js";
import { StateStore } from "../store/state-store.js";

export interface HarnessOptions {
  /** As `fedbus run` would be given it. Default `{}`. */
  readonly config?: unknown;
  /** The log's time at first, ms since 1970. Default: 2026-01-01T00:00:00Z. */
  readonly startAt?: number;
  /** Default: says nothing. */
  readonly logger?: Logger;
}

export interface FeedOptions {
  /** The event's own time, ms since 1970. Default: the log's time. */
  readonly timestamp?: number;
  readonly headers?: Readonly<Record<string, unknown>>;
}

/** What a consumer has published. */
export interface Output {
  readonly offset: number;
  readonly topic: string;
  readonly msg: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
  /** ms since 1970. */
  readonly timestamp: number;
}

const defaultStart = Date.UTC(2026, 0, 1);

/**
 * A plugin under test: the runner that runs it in earnest, over a log in memory whose time is the
 * test's. Whatever is fed has been handled, committed and published when the call resolves. Between
 * two calls the consumer is begun anew from what it has committed, so what it only has in memory is
 * lost there, as after a crash. Feed many events in one call to keep it in one life.
 *
 * `plugin` is a consumer, or the path or URL of a plugin's file. Rejects with what loading it says,
 * and with OPTIONS_INVALID for its configuration.
 */
export async function harness(
  plugin: Consumer | string | URL,
  options: HarnessOptions = {},
): Promise<Harness> {
  const consumer =
    typeof plugin === "string" || plugin instanceof URL ? await consumerAt(plugin) : plugin;
  const config = completeConfig(consumer as Consumer, options.config);
  const dir = await mkdtemp(join(tmpdir(), "fedbus-harness-"));
  const store = await StateStore.open(dir, { durable: false });
  const clock = { now: options.startAt ?? defaultStart };
  const bus = await openBus({ clock: () => clock.now });
  return new Harness({ consumer: consumer as Consumer, config, dir, store, bus, clock }, options);
}

interface HarnessParts {
  readonly consumer: Consumer;
  readonly config: unknown;
  readonly dir: string;
  readonly store: StateStore;
  readonly bus: Bus;
  readonly clock: { now: number };
}

export class Harness implements AsyncDisposable {
  /** What the consumer has published so far, dead letters aside. */
  readonly outputs: Output[] = [];
  readonly deadLetters: DeadLetter[] = [];
  readonly #parts: HarnessParts;
  readonly #options: HarnessOptions;
  readonly #ids = new MessageIds();
  #seen = 0;

  /** Use `harness`. */
  constructor(parts: HarnessParts, options: HarnessOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  /** The log's time, ms since 1970. */
  get now(): number {
    return this.#parts.clock.now;
  }

  /** What the consumer has put beside the log. */
  get blobs(): BlobStore {
    return this.#parts.bus.blobs;
  }

  /** An event comes; resolves with what the consumer published for it. */
  async feed(topic: string, msg: unknown, options: FeedOptions = {}): Promise<readonly Output[]> {
    return await this.feedAll([{ topic, msg, ...options }]);
  }

  /** Events come one behind the other, at the same time of the log. */
  async feedAll(
    events: readonly ({ readonly topic: string; readonly msg: unknown } & FeedOptions)[],
  ): Promise<readonly Output[]> {
    await using publisher = this.#parts.bus.publisher();
    const outcomes = await publisher.publishEnvelopes(
      events.map(({ topic, msg, headers, timestamp = this.now }) =>
        JSON.stringify({
          topic,
          msg_id: this.#ids.next(this.now),
          timestamp: timestamp / 1000,
          ...(headers === undefined ? {} : { headers }),
          msg,
        }),
      ),
    );
    const refused = outcomes.find((outcome) => "error" in outcome);
    if (refused !== undefined) throw FedbusError.fromJSON(refused.error);
    return await this.#run();
  }

  /** The log's time goes on; resolves with what timers have published. */
  async advance(ms: number): Promise<readonly Output[]> {
    this.#parts.clock.now += ms;
    return await this.#run();
  }

  /** A value of a table; undefined if there is none. */
  async state(key: string, table = "state"): Promise<unknown> {
    return (await this.table(table)).get(key);
  }

  /** A table's entries, as they are committed. */
  async table(name = "state"): Promise<Map<string, unknown>> {
    const entries = new Map<string, unknown>();
    for await (const { table, key, value, expires } of entriesOf(this.#parts.store))
      if (table === name && (expires === undefined || expires > this.now)) entries.set(key, value);
    return entries;
  }

  async close(): Promise<void> {
    const { bus, store, dir } = this.#parts;
    await bus.close();
    await store.close();
    await rm(dir, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Until everything is handled. */
  async #run(): Promise<readonly Output[]> {
    const before = this.outputs.length;
    const { head } = await this.#parts.bus.source.info();
    await this.#runTo(head);
    await this.#collect();
    return this.outputs.slice(before);
  }

  async #runTo(head: number): Promise<void> {
    const { consumer, config, store, bus } = this.#parts;
    const { logger } = this.#options;
    const producer = producerOf(consumer.name, 1, 0);
    await new Runner({
      ...{ consumer, config, store, source: bus.source, blobs: bus.blobs },
      // What is due now is due before the next millisecond.
      feed: boundedFeed(bus.source, head, this.now + 1),
      openSink: (sequences) => bus.sink({ producer, ...sequences }),
      limits: { retryMsMax: 1 },
      ...(logger === undefined ? {} : { logger }),
    }).run();
  }

  async #collect(): Promise<void> {
    const { bus, consumer } = this.#parts;
    for await (const event of bus.query({ from: this.#seen })) {
      this.#seen = event.offset + 1;
      if (!isOwnOutput(event, consumer.name)) continue;
      if (event.topic === deadLetterTopic(consumer.name)) this.deadLetters.push(letterOf(event));
      else this.outputs.push(outputOf(event));
    }
  }
}

async function consumerAt(plugin: string | URL): Promise<Consumer> {
  const isUrl = plugin instanceof URL || plugin.startsWith("file:");
  const path = isUrl ? fileURLToPath(plugin) : plugin;
  return (await loadPlugin(path, { from: process.cwd() })).consumer;
}

function outputOf({ offset, topic, msg, timestamp, envelope }: BusEvent): Output {
  return { offset, topic, msg, headers: envelope.headers ?? {}, timestamp };
}

function letterOf({ offset, recordedAt, msg }: BusEvent): DeadLetter {
  return { ...(msg as DeadLetter), offset, recordedAt };
}
