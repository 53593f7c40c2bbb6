import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { FolderBlobs, LayeredBlobs, silentLogger } from "../../bus/index.js";
import { RecordedLookups, Runner, StateStore } from "../../consumers/index.js";
import { readCheckpoint, type Totals } from "../../consumers/runner/checkpoint.js";
import { FedbusError } from "../../schemas/index.js";
import { DeterminismGuard } from "../determinism/guard.js";
import { endTime, patternsOf } from "./end-time.js";
import { checkRange, type ReplayOptions } from "./options.js";
import { Pace } from "./pace.js";
import { checkGoesOn, hashOfConfig, type ReplayPlan, readPlan, writePlan } from "./plan.js";
import { rangeFeed } from "./range-feed.js";

/** What came of a run. */
export interface ReplayResult {
  /** False if it was told to stop before the end. */
  readonly isComplete: boolean;
  /** The next offset that is not done. */
  readonly next: number;
  /** Since the replay began, earlier processes included. */
  readonly totals: Totals;
}

const tellMs = 250;

/**
 * A consumer run over a range of the log, as it would have run live, with a scratch store: its
 * state, outputs and blobs lie in `dir`, and nothing is published. Interrupted, even by SIGKILL, it can be
 * opened again and goes on from its last commit.
 */
export class Replay implements AsyncDisposable {
  readonly #options: ReplayOptions;
  #plan: ReplayPlan;
  readonly store: StateStore;
  /** What the consumer has put in the replay; nothing of it is in the log's own storage. */
  readonly blobs: FolderBlobs;

  private constructor(
    options: ReplayOptions,
    plan: ReplayPlan,
    { store, blobs }: { readonly store: StateStore; readonly blobs: FolderBlobs },
  ) {
    this.#options = options;
    this.#plan = plan;
    this.store = store;
    this.blobs = blobs;
  }

  /**
   * Rejects with OFFSET_INVALID, LOG_TRUNCATED, STATE_IN_USE, STATE_CORRUPT (also for a store of which no plan
   * says what it is), and OPTIONS_INVALID if
   * `dir` holds another replay, or one that has come further than `to`.
   */
  static async open(options: ReplayOptions): Promise<Replay> {
    const { dir } = options;
    await mkdir(storeOf(dir), { recursive: true });
    // First of all: whoever holds the store is the only one to read and write the plan.
    const store = await StateStore.open(storeOf(dir), { durable: false });
    try {
      const before = await readPlan(dir);
      if (before === undefined && (await readCheckpoint(store)) !== undefined) throw planless(dir);
      const plan = await planOf(options, before);
      if (before === undefined) await writePlan(dir, plan);
      else checkGoesOn(dir, before, plan);
      const blobs = await FolderBlobs.open(join(dir, "blobs"));
      const replay = new Replay(options, before ?? plan, { store, blobs });
      if (before !== undefined) await replay.extend(plan.to);
      return replay;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  get dir(): string {
    return this.#options.dir;
  }

  get plan(): ReplayPlan {
    return this.#plan;
  }

  /** The next offset that is not done. */
  async next(): Promise<number> {
    return (await readCheckpoint(this.store))?.next ?? this.#plan.from;
  }

  /** Moves the end. Rejects with OPTIONS_INVALID if the replay has come further already, in offsets or in time. */
  async extend(to: number): Promise<void> {
    const next = await this.next();
    const { time: wanted = Number.POSITIVE_INFINITY } = this.#options;
    // At its end it may have fired all timers up to the time that was its end.
    if (to < next || (to === next && wanted < (this.#plan.time ?? 0)))
      throw new FedbusError("OPTIONS_INVALID", `the replay has come to ${next} already`, {
        details: { next, to, remedy: `remove ${this.#options.dir} to begin anew` },
      });
    const { source, consumer, config = {}, time: given } = this.#options;
    if (to === this.#plan.to && (given ?? this.#plan.time) === this.#plan.time) return;
    const time = given ?? (await endTime(source, to, patternsOf(consumer, config)));
    const { time: _, ...rest } = this.#plan;
    this.#plan = { ...rest, to, ...(time !== undefined && { time }) };
    await writePlan(this.#options.dir, this.#plan);
  }

  /** Runs to the end of the range, or until `signal` is aborted. Rejects as `Runner.run` does. */
  async run(): Promise<ReplayResult> {
    const { signal = new AbortController().signal, dir, source, consumer } = this.#options;
    const { config = {}, logger = silentLogger, onImpure, partition, limits, hook } = this.#options;
    const answers = await this.#answers();
    const guard = DeterminismGuard.install((use) => {
      logger.warn({ ...use, consumer: consumer.name }, `a replay must not depend on ${use.what}`);
      onImpure?.(use);
    });
    const runner = new Runner({
      consumer: guard.watch(consumer),
      ...{ config, source, logger, signal },
      store: this.store,
      blobs: new LayeredBlobs(this.blobs, source.blobs),
      feed: rangeFeed(source, this.#plan),
      startAt: this.#plan.from,
      replay: true,
      ...(answers !== undefined && { answers }),
      inFlightPath: join(dir, "in-flight"),
      ...(partition !== undefined && { partition }),
      ...(limits !== undefined && { limits }),
      ...(hook !== undefined && { hook }),
    });
    const stopTelling = await this.#tell(runner);
    try {
      await runner.run();
    } finally {
      guard.uninstall();
      stopTelling();
      await answers?.close();
    }
    return await this.#result(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async close(): Promise<void> {
    await this.blobs.close();
    await this.store.close();
  }

  /** What the consumer was answered from outside, if it asks at all. */
  async #answers(): Promise<RecordedLookups | undefined> {
    const { source, consumer, dir } = this.#options;
    if (Object.keys(consumer.lookups).length === 0) return undefined;
    return await RecordedLookups.open({
      source,
      consumer: consumer.name,
      dir: join(dir, "answers"),
    });
  }

  /** Tells the progress now and then; the function that ends that. */
  async #tell(runner: Runner): Promise<() => void> {
    const { onProgress } = this.#options;
    if (onProgress === undefined) return () => {};
    const next = await this.next();
    const pace = new Pace(this.#plan, next, performance.now());
    const tell = (): void => onProgress(pace.at(runner.progress?.next ?? next, performance.now()));
    const timer = setInterval(tell, tellMs);
    return () => {
      clearInterval(timer);
      tell();
    };
  }

  async #result(signal: AbortSignal): Promise<ReplayResult> {
    const checkpoint = await readCheckpoint(this.store);
    const { next, totals } = checkpoint!;
    return { isComplete: next >= this.#plan.to && !signal.aborted, next, totals };
  }
}

function storeOf(dir: string): string {
  return join(dir, "store");
}

async function planOf(options: ReplayOptions, before: ReplayPlan | undefined): Promise<ReplayPlan> {
  const { source, consumer, config = {}, pluginHash } = options;
  const info = await source.info();
  const from = options.from ?? before?.from ?? info.first;
  const to = options.to ?? before?.to ?? info.head;
  checkRange({ from, to }, info);
  const time =
    before === undefined
      ? (options.time ?? (await endTime(source, to, patternsOf(consumer, config))))
      : undefined;
  return {
    id: before?.id ?? randomUUID(),
    consumer: consumer.name,
    version: consumer.version,
    configHash: hashOfConfig(config),
    ...(pluginHash !== undefined && { pluginHash }),
    logId: info.logId,
    epoch: info.epoch,
    from,
    to,
    ...(time !== undefined && { time }),
  };
}

/** Nobody can say of which code, configuration or range such a store is. */
function planless(dir: string): FedbusError {
  return new FedbusError("STATE_CORRUPT", `the replay in ${dir} has lost its plan.json`, {
    details: { dir, remedy: `remove ${dir}: a replay can always begin anew` },
  });
}
