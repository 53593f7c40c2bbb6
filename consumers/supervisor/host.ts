import { type Bus, connect, type Logger } from "../../bus/index.js";
import { completeConfig } from "../plugin/config.js";
import type { Consumer } from "../plugin/consumer.js";
import { loadPlugin } from "../plugin/loader.js";
import { firstCheckpoint, readCheckpoint } from "../runner/checkpoint.js";
import { boundedFeed, liveFeed } from "../runner/feed.js";
import { Runner } from "../runner/runner.js";
import { StateStore } from "../store/state-store.js";
import type { HostPlan, HostProgress, TableQuery } from "./messages.js";
import { queryTable } from "./query-table.js";

export interface HostOptions {
  readonly logger: Logger;
  /** Aborted when it is to come to an end. */
  readonly signal: AbortSignal;
}

/** What runs in a process of a consumer: the plugin, over its partition's store. */
export class Host implements AsyncDisposable {
  readonly #plan: HostPlan;
  readonly #options: HostOptions;
  readonly #store: StateStore;
  readonly #bus: Bus;
  readonly #runner: Runner;
  #before: HostProgress;

  private constructor(
    plan: HostPlan,
    options: HostOptions,
    parts: {
      readonly store: StateStore;
      readonly bus: Bus;
      readonly consumer: Consumer;
      readonly config: unknown;
    },
    before: HostProgress,
  ) {
    this.#plan = plan;
    this.#options = options;
    this.#store = parts.store;
    this.#bus = parts.bus;
    this.#before = before;
    this.#runner = this.#createRunner(parts.consumer, parts.config);
  }

  /** Rejects with what loading the plugin, opening the store and connecting to the hub say. */
  static async open(plan: HostPlan, options: HostOptions): Promise<Host> {
    const loaded = await loadPlugin(plan.path, { from: "/" });
    const consumer = { ...loaded.consumer, name: plan.name };
    const config = completeConfig(consumer, plan.config);
    const store = await StateStore.open(plan.store);
    try {
      const bus = await connect(plan.url, { logger: options.logger });
      const before = await storedProgress(store, plan.startAt);
      return new Host(plan, options, { store, bus, consumer, config }, before);
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  get progress(): HostProgress {
    const { progress } = this.#runner;
    const rssBytes = process.memoryUsage.rss();
    if (progress === undefined) return { ...this.#before, rssBytes };
    const { next, committedNext, totals, watermark = null, note } = progress;
    const figures = { next, committedNext, ...totals, watermark, rssBytes };
    return note === undefined ? figures : { ...figures, note };
  }

  /** Resolves when it was told to end, or has come to where it should. */
  async run(): Promise<void> {
    await this.#runner.run();
  }

  query(query: TableQuery) {
    return queryTable(this.#store, query);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store.close();
    await this.#bus.close();
  }

  #createRunner(consumer: Consumer, config: unknown): Runner {
    const { partition, producer, startAt, until, inFlightPath, diedOf } = this.#plan;
    const { source, blobs } = this.#bus;
    return new Runner({
      consumer,
      config,
      store: this.#store,
      source,
      blobs,
      feed: until === undefined ? liveFeed(source) : boundedFeed(source, until.next, until.time),
      startAt,
      openSink: (sequences) => this.#bus.sink({ producer, ...sequences }),
      partition,
      inFlightPath,
      ...(diedOf === undefined ? {} : { diedOf }),
      ...this.#options,
    });
  }
}

/** How far the store says that the processes before this one have come. */
async function storedProgress(store: StateStore, startAt: number): Promise<HostProgress> {
  const checkpoint = await readCheckpoint(store);
  const { next, totals, watermark } = checkpoint ?? firstCheckpoint("", startAt, "");
  return {
    next,
    committedNext: next,
    ...totals,
    watermark: watermark?.current ?? null,
    rssBytes: 0,
  };
}
