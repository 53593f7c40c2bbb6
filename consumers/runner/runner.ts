import { setTimeout as sleep } from "node:timers/promises";
import {
  Backoff,
  type Blobs,
  type EventSource,
  LayeredBlobs,
  type Logger,
  MemoryBlobs,
  silentLogger,
} from "../../bus/index.js";
import { isFedbusError } from "../../schemas/index.js";
import type { Consumer } from "../plugin/consumer.js";
import type { RecordedAnswers } from "../plugin/recorded-answers.js";
import type { StateStore } from "../store/state-store.js";
import { BatchSlabs } from "./batch-slabs.js";
import { checkLog, checkpointMeta, firstCheckpoint, readCheckpoint } from "./checkpoint.js";
import { deadLetterTopic } from "./dead-letter.js";
import { PluginFailure, reportOf } from "./failure.js";
import { Failures } from "./failures.js";
import type { Feed } from "./feed.js";
import { InFlight } from "./in-flight.js";
import { type RunnerLimits, runnerLimits } from "./limits.js";
import { type OpenSink, Outbox } from "./outbox.js";
import { Progress } from "./progress.js";
import { Deliveries } from "./redelivery.js";
import type { Partition, RunnerParts, Step } from "./runner-parts.js";
import { Session } from "./session.js";

/** Outputs of a consumer that halts may take so long to be published; then they wait for its next start. */
const haltMs = 5_000;

export interface RunnerOptions {
  readonly consumer: Consumer;
  /** Checked, with its defaults. */
  readonly config: unknown;
  /** Its own, open; the runner does not close it. */
  readonly store: StateStore;
  /** The log, to see that it is the one the state belongs to. */
  readonly source: EventSource;
  readonly feed: Feed;
  /** Where a consumer without a checkpoint starts. Default: the log's first offset. */
  readonly startAt?: number;
  /**
   * Where outputs go. Default: they stay in the store. The sink's producer must have a name that begins with
   * `consumer.NAME.`: by that the consumer's own outputs are known, and not given to it.
   */
  readonly openSink?: OpenSink;
  /** Where its blobs go. Default: they stay in memory; the source's can be read. */
  readonly blobs?: Blobs;
  /** Default false. */
  readonly replay?: boolean;
  /** What the consumer got from outside when it ran live. Default: nothing is known. */
  readonly answers?: RecordedAnswers;
  readonly partition?: Partition;
  readonly limits?: Partial<RunnerLimits>;
  /** A file that notes what the process may die of. Default: none. */
  readonly inFlightPath?: string;
  /** How the process before this one ended. */
  readonly diedOf?: string;
  readonly logger?: Logger;
  readonly signal?: AbortSignal;
  /** Called at each step of a run: for tests that end the process there. */
  readonly hook?: (step: Step) => void;
}

/**
 * Runs a consumer over a feed: handles each event, and commits state, timers, outputs and its place
 * in the log as one. After a failure it goes on from the last commit.
 */
export class Runner {
  readonly #options: RunnerOptions;
  #progress: Progress | undefined;
  #outbox: Outbox | undefined;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** How far it has come; undefined before it has read its checkpoint. */
  get progress(): Progress | undefined {
    return this.#progress;
  }

  /** Whether the log has answered all outputs that are committed. */
  get isPublished(): boolean {
    return this.#outbox?.isDrained === true;
  }

  /**
   * Resolves when the feed has ended and everything is committed (and published, unless `signal`
   * was aborted). Rejects with CONSUMER_HALTED, LOG_DIVERGED, LOG_TRUNCATED, STATE_WRITE_FAILED,
   * PRODUCER_FENCED and what else the bus or store says.
   */
  async run(): Promise<void> {
    const {
      store,
      source,
      consumer,
      openSink,
      signal = new AbortController().signal,
    } = this.#options;
    const limits = { ...runnerLimits, ...this.#options.limits };
    const { nextSeq } = await this.#checkpoint();
    const bytesMax = limits.outboxBytesMax;
    const outbox = await Outbox.open(store, nextSeq, {
      ...{ letters: deadLetterTopic(consumer.name), openSink, bytesMax, signal },
    });
    this.#outbox = outbox;
    const parts: RunnerParts = {
      consumer,
      config: this.#options.config,
      deliveries: new Deliveries(consumer.name, consumer.topics(this.#options.config)),
      by: { consumer: consumer.name, version: consumer.version },
      replay: this.#options.replay ?? false,
      answers: this.#options.answers,
      partition: this.#options.partition ?? { index: 0, count: 1 },
      store,
      blobs: this.#options.blobs ?? new LayeredBlobs(new MemoryBlobs(), source.blobs),
      outbox,
      // A batch that is sent may be in a socket's queue, once more, even after it was answered.
      slabs: openSink === undefined ? new BatchSlabs() : undefined,
      limits,
      progress: this.#progress!,
      logger: this.#options.logger ?? silentLogger,
      signal,
      hook: this.#options.hook ?? (() => {}),
    };
    const failures = this.#failures(parts);
    try {
      await failures.begin(store);
      await this.#sessions(parts, failures);
      failures.end();
    } catch (error) {
      // What was handled before it halted is to be seen at once, and not at its next start.
      if (isFedbusError(error, "CONSUMER_HALTED"))
        await Promise.race([
          outbox.drained().catch(() => {}),
          sleep(haltMs, undefined, { ref: false }),
        ]);
      throw error;
    } finally {
      await outbox.close();
    }
  }

  /** One session after the other, until one comes to the end. */
  async #sessions(parts: RunnerParts, failures: Failures): Promise<void> {
    const { limits, signal, store, hook } = parts;
    const backoff = new Backoff(100, limits.retryMsMax);
    for (let failedAt = -1; !signal.aborted; ) {
      const checkpoint = await this.#checkpoint();
      if (checkpoint.next > failedAt) backoff.reset();
      failedAt = checkpoint.next;
      // A feed that waits at the head ends with its session.
      const ended = new AbortController();
      const session = new Session(parts, checkpoint, failures, signal);
      const until = AbortSignal.any([signal, ended.signal]);
      try {
        await session.run(this.#options.feed(checkpoint.next, parts.deliveries.patterns, until));
      } catch (error) {
        await this.#giveUp(session, parts);
        // Told to stop, a plugin breaks off what it waits for: no attempt. What fails anyway will fail again.
        if (signal.aborted && error instanceof PluginFailure) return;
        await failures.failed(error, store, session.answers);
        hook("failed");
        await backoff.wait(signal);
        continue;
      } finally {
        ended.abort();
      }
      await session.close();
      return;
    }
  }

  /** Ends a session that has failed. How its handlers end matters less than what they failed of. */
  async #giveUp(session: Session, { store, logger }: RunnerParts): Promise<void> {
    try {
      await session.close();
    } catch (error) {
      logger.warn({ error: reportOf(error) }, "the plugin failed to close after its failure");
    }
    await store.discard();
  }

  async #checkpoint() {
    const { store, source, consumer, startAt } = this.#options;
    let checkpoint = await readCheckpoint(store);
    if (checkpoint === undefined) {
      const { logId, first } = await source.info();
      checkpoint = firstCheckpoint(logId, startAt ?? first, consumer.version);
      // Before it is kept: a start past the head must not stay with the consumer.
      await checkLog(checkpoint, source);
      await store.commit([], checkpointMeta(checkpoint));
    } else if (this.#progress === undefined) await checkLog(checkpoint, source);
    this.#progress ??= new Progress(checkpoint);
    return checkpoint;
  }

  #failures({ consumer, by, limits, logger }: RunnerParts): Failures {
    const { inFlightPath, diedOf } = this.#options;
    return new Failures({
      by,
      attemptsMax: consumer.attemptsMax,
      onFailure: consumer.onFailure,
      commitEventsMax: limits.commitEventsMax,
      inFlight: inFlightPath === undefined ? undefined : new InFlight(inFlightPath),
      diedOf,
      logger,
    });
  }
}
