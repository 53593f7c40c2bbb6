import { FedbusError } from "../../schemas/errors.js";
import type {
  EventLimits,
  SchemaDefinition,
  SchemaListing,
  UnknownTopics,
} from "../../schemas/index.js";
import { EnvelopeWriter, EventGate } from "../../schemas/index.js";
import { encodeEnvelopes } from "../block/encode-batch.js";
import type { BusStats } from "../bus.js";
import type { Clock } from "../kernel/clock.js";
import { systemClock } from "../kernel/clock.js";
import { type Logger, silentLogger } from "../kernel/logger.js";
import type { BatchAnswer, EventLog } from "../log/event-log.js";
import type { RetentionRule, TrimOptions, TrimProgress, TrimResult } from "../log/retention.js";
import { RetentionKeeper } from "../log/retention-keeper.js";
import type { TrimPlan } from "../log/trim-plan.js";
import type { Trust } from "../signing/trust.js";
import type { ProducerBatch } from "./admission.js";
import { admit, decodeBatch } from "./admission.js";
import type { CommitterOptions } from "./committer.js";
import { Committer } from "./committer.js";
import type { OpenedProducer, OpenProducer } from "./producers.js";
import { Producers } from "./producers.js";
import type { AppendOwn } from "./schema-store.js";
import { SchemaStore } from "./schema-store.js";
import { TopicLimit } from "./topic-limit.js";
import { keeping, trimReach } from "./trim-reach.js";

export interface BrokerOptions extends CommitterOptions {
  /**
   * What becomes of events on topics that no schema is bound to. The log keeps it. Default: what it
   * was last run with, `accept` at first.
   */
  readonly unknownTopics?: UnknownTopics;
  readonly limits?: Partial<EventLimits>;
  /** Distinct topics in the log, at most. Default 100,000. */
  readonly topicsMax?: number;
  /** Standing orders of what to remove, applied at once and then every minute. Default: none. */
  readonly retention?: readonly RetentionRule[];
  /** Whom to trust: events that it does not are refused. Default: signatures are not looked at. */
  readonly trust?: Trust;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** The producer that the broker's own events come from. */
const ownProducer = "fedbus";

/**
 * A bus without sockets: checks, dedupe, group commit and schemas over one log. The hub puts it on
 * the network; `openBus` uses it directly.
 *
 * The broker does not own its log: close the broker first, then the log.
 */
export class Broker {
  readonly log: EventLog;
  readonly #committer: Committer;
  readonly #producers: Producers;
  readonly #schemas: SchemaStore;
  readonly #gate: EventGate;
  readonly #unknownTopics: UnknownTopics;
  readonly #trust: Trust | undefined;
  readonly #topicLimit: TopicLimit;
  readonly #writer: EnvelopeWriter;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #ending = new AbortController();
  readonly #retention: RetentionKeeper;
  #own: OpenedProducer | undefined;
  /** One trim at a time: what one stores anew, the next would else not see. */
  #trimming: Promise<unknown> = Promise.resolve();
  #trimProgress: TrimProgress | undefined;
  #closed: Promise<void> | undefined;

  private constructor(
    log: EventLog,
    schemas: SchemaStore,
    topicLimit: TopicLimit,
    options: BrokerOptions,
  ) {
    const { limits, trust, clock = systemClock, logger = silentLogger } = options;
    this.log = log;
    this.#trust = trust;
    this.#clock = clock;
    this.#logger = logger;
    this.#producers = new Producers(log);
    const onFailed = (): void => {
      this.#producers.forget();
      this.#own = undefined;
      void this.#recountTopics();
    };
    this.#committer = new Committer(log, { ...options, onFailed });
    this.#schemas = schemas;
    this.#topicLimit = topicLimit;
    this.#writer = new EnvelopeWriter({ clock, sourceName: "fedbus" });
    this.#unknownTopics = options.unknownTopics ?? schemas.policy.unknownTopics;
    this.#gate = new EventGate({
      registry: schemas.registry,
      unknownTopics: this.#unknownTopics,
      ...(limits === undefined ? {} : { limits }),
      ...(trust === undefined ? {} : { verify: (event, bytes) => void trust.check(event, bytes) }),
    });
    // Last: its first round starts at once, and its trims are the broker's, not the log's own.
    const trim = (order: TrimOptions): Promise<TrimResult> => this.trim(order);
    this.#retention = new RetentionKeeper({ trim }, options.retention ?? [], { logger, clock });
  }

  static async open(log: EventLog, options: BrokerOptions = {}): Promise<Broker> {
    const schemas = await SchemaStore.open(log, options.logger);
    const topicLimit = await TopicLimit.open(log, options.topicsMax ?? 100_000);
    const broker = new Broker(log, schemas, topicLimit, options);
    await broker.#keepPolicy();
    return broker;
  }

  /** Waits until there is room for another batch. */
  room(): Promise<void> {
    return this.#committer.room();
  }

  async openProducer(request: OpenProducer): Promise<OpenedProducer> {
    this.#checkOpen();
    if (request.producer === ownProducer)
      throw new FedbusError("OPTIONS_INVALID", `"${ownProducer}" is the bus's own producer`);
    return await this.#producers.open(request);
  }

  /**
   * Takes one batch. Resolves once its accepted events are on disk, with what became of each.
   * Rejects with BLOCK_* if it is no batch, PRODUCER_* or SEQUENCE_GAP if it is not the producer's
   * next one, LOG_* if it could not be stored.
   */
  async publish(batch: ProducerBatch): Promise<BatchAnswer> {
    this.#checkOpen();
    if (batch.producer === ownProducer)
      throw new FedbusError("PRODUCER_FENCED", `"${ownProducer}" is the bus's own producer`);
    return await this.#take(batch, {});
  }

  /** Registers a schema version; resolves with its event's offset, -1 if it was there already. */
  async registerSchema(schema: SchemaDefinition): Promise<number> {
    this.#checkOpen();
    // So that nothing comes between its coming into force and its event.
    this.#own ??= await this.#producers.open({ producer: ownProducer });
    const offset = await this.#schemas.register(schema, this.log, this.#appendOwn);
    return offset ?? -1;
  }

  schemas(): readonly SchemaListing[] {
    return this.#schemas.list();
  }

  /** Removes events; schemas stay. Ends with CLOSED when the broker is closed meanwhile. */
  async trim(options: TrimOptions): Promise<TrimResult> {
    this.#checkOpen();
    const done = this.#trimming.then(() => this.#trim(options));
    this.#trimming = done.catch(() => {});
    return await done;
  }

  /** What `trim` would remove; rejects as it does. Schemas among it would be stored anew before. */
  async planTrim(options: TrimOptions): Promise<TrimPlan> {
    this.#checkOpen();
    const goes = await trimReach(this.log, options, this.#clock);
    if (goes === undefined) return await this.log.planTrim(options);
    const { mustRestore, from } = await this.#schemas.standing(this.log, goes);
    return await this.log.planTrim(keeping(options, mustRestore ? this.log.head : from));
  }

  async stats(): Promise<BusStats> {
    const trimming = this.#trimProgress;
    return {
      ...(await this.log.info()),
      log: await this.log.stats(),
      unknownTopics: this.#unknownTopics,
      ...(this.#trust === undefined ? {} : { unsigned: this.#trust.unsigned }),
      ...(trimming !== undefined && { trimming }),
    };
  }

  /** Refuses what comes, and waits for what was taken. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#ending.abort(new FedbusError("CLOSED", "the bus is closed"));
    await this.#retention.close();
    await this.#trimming;
    await this.#committer.idle();
  }

  /**
   * Stores the schemas that may go before anything goes, and keeps those copies: at every moment the
   * log has all that are in force, so a crash loses none.
   */
  async #trim(options: TrimOptions): Promise<TrimResult> {
    const { signal = this.#ending.signal } = options;
    const ending = AbortSignal.any([signal, this.#ending.signal]);
    ending.throwIfAborted();
    const goes = await trimReach(this.log, options, this.#clock);
    const kept =
      goes === undefined
        ? options
        : keeping(options, await this.#schemas.restore(this.log, this.#appendOwn, goes));
    const onProgress = (progress: TrimProgress): void => {
      this.#trimProgress = progress;
      options.onProgress?.(progress);
    };
    const result = await this.log.trim({ ...kept, signal: ending, onProgress }).finally(() => {
      this.#trimProgress = undefined;
    });
    if (result.removed > 0) await this.#recountTopics();
    return result;
  }

  /** A log that cannot take the event now is run as it was told, and told again the next time. */
  async #keepPolicy(): Promise<void> {
    const policy = { unknownTopics: this.#unknownTopics };
    try {
      await this.#schemas.setPolicy(policy, this.#appendOwn);
    } catch (error) {
      this.#logger.warn({ error: String(error) }, "the policy for unknown topics was not stored");
    }
  }

  async #recountTopics(): Promise<void> {
    try {
      await this.#topicLimit.recount(this.log);
    } catch (error) {
      this.#logger.warn({ error: String(error) }, "topics that are gone still count");
    }
  }

  async #take(batch: ProducerBatch, options: { allowReserved?: boolean }): Promise<BatchAnswer> {
    const block = decodeBatch(batch.block);
    const { producer: id, epoch, seq } = batch;
    return await this.#producers.take(batch, () => {
      const admission = this.#topicLimit.apply(
        admit(this.#gate, block, { id, epoch, seq }, options),
      );
      const { count, refused, draft } = admission;
      const answer =
        draft === undefined
          ? Promise.resolve({ seq, count, firstOffset: -1, refused })
          : this.#committer
              .commit(draft)
              .then((firstOffset) => ({ seq, count, firstOffset, refused }));
      return { count, answer };
    });
  }

  readonly #appendOwn: AppendOwn = async (topic, bodies) => {
    this.#own ??= await this.#producers.open({ producer: ownProducer });
    const { epoch, nextSeq: seq } = this.#own;
    this.#own = { epoch, nextSeq: seq + bodies.length };
    const block = encodeEnvelopes(bodies.map((body) => this.#writer.write(topic, body)));
    const answer = await this.#take(
      { producer: ownProducer, epoch, seq, block },
      { allowReserved: true },
    );
    const [refused] = answer.refused;
    if (refused !== undefined) throw FedbusError.fromJSON(refused);
    return answer.firstOffset;
  };

  #checkOpen(): void {
    if (this.#closed !== undefined) throw new FedbusError("CLOSED", "the bus is closed");
  }
}
