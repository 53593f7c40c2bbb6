import { join } from "node:path";
import { type Logger, type StartAt, silentLogger } from "../../bus/index.js";
import type { Owner } from "../../bus/storage/owner.js";
import { FedbusError, isFedbusError } from "../../schemas/index.js";
import { Crew } from "./crew.js";
import { Definition } from "./definition.js";
import type { NamedHome } from "./folder.js";
import { HeadPoll } from "./head-poll.js";
import { type SupervisorLimits, supervisorLimits } from "./limits.js";
import type { Moment, TableQuery } from "./messages.js";
import type { SupervisorOptions } from "./options.js";
import { keptFrom, type Ownership, takeInTime } from "./ownership.js";
import type { PartitionStatus } from "./partition.js";
import { type Prepared, prepare } from "./preparation.js";
import type { TableEntry } from "./query-table.js";
import { divideAnew, meetingPoint } from "./rescale.js";
import { startOffset } from "./start-offset.js";
import { type ConsumerState, type ConsumerStatus, nextOf, statusOf } from "./status.js";
import { storedPartitions, storedProgress } from "./stored-status.js";
import { moveStores, queryStores, resetStores } from "./stores.js";
import { Turns } from "./turns.js";

/**
 * Runs a consumer in processes of its own, one for each partition, and keeps them running: a plugin
 * can throw, loop, leak, exit or crash without harm to anything but its own progress.
 */
export class Supervisor implements AsyncDisposable {
  readonly #options: SupervisorOptions;
  readonly #limits: SupervisorLimits;
  readonly #logger: Logger;
  readonly #consumer: NamedHome;
  readonly #definition: Definition;
  /** Undefined while it is lent. */
  #ownership: Ownership | undefined;
  readonly #head: HeadPoll;
  #crew: Crew | undefined;
  /** How far the partitions are while none runs. */
  #resting: readonly PartitionStatus[] = [];
  #state: ConsumerState | undefined;
  #error: FedbusError | undefined;
  /** Changes come one after the other. */
  readonly #turns = new Turns();
  #closed: Promise<void> | undefined;
  readonly #closing = new AbortController();

  private constructor(options: SupervisorOptions, parts: Prepared) {
    this.#options = options;
    this.#limits = { ...supervisorLimits, ...options.limits };
    this.#logger = options.logger ?? silentLogger;
    this.#consumer = parts.consumer;
    this.#definition = new Definition(parts);
    this.#ownership = parts.ownership;
    this.#head = new HeadPoll(options.source, () => ({
      name: this.name,
      topics: this.#definition.description.topics,
      next: nextOf(this.#partitions, this.#definition.current.registration.startAt),
    }));
  }

  /**
   * Starts the consumer, unless it is paused. Rejects with PLUGIN_NOT_FOUND, PLUGIN_INVALID,
   * OPTIONS_INVALID, OFFSET_INVALID and CONSUMER_IN_USE.
   */
  static async open(options: SupervisorOptions): Promise<Supervisor> {
    const supervisor = new Supervisor(options, await prepare(options));
    try {
      await supervisor.#head.ask();
      await supervisor.#turns.take(() => supervisor.#begin());
      return supervisor;
    } catch (error) {
      await supervisor.close();
      throw error;
    }
  }

  get name(): string {
    return this.#consumer.name;
  }

  get home() {
    return this.#consumer.home;
  }

  get status(): ConsumerStatus {
    const { description, current } = this.#definition;
    const { path, version, topics } = description;
    const { generation, parallelism, registration } = current;
    const { config, startAt } = registration;
    const frame = {
      ...{ name: this.name, version, path, topics, config, startAt, generation, parallelism },
      end: this.#head.end,
      state: this.#state,
      error: this.#error?.toJSON(),
    };
    return statusOf(frame, this.#partitions);
  }

  get #partitions(): readonly PartitionStatus[] {
    return this.#crew?.statuses ?? this.#resting;
  }

  /** Lets the consumer end what it is doing, and handles nothing until it is resumed. */
  pause(): Promise<void> {
    return this.#setPaused(true);
  }

  /** Goes on, with the plugin as it is by now: after a pause, and after the consumer has halted or broken. */
  resume(): Promise<void> {
    return this.#setPaused(false);
  }

  /** Drops all state, and begins anew at `from`. Outputs come again. */
  reset(from: StartAt = "earliest"): Promise<void> {
    return this.#changed(async () => {
      const startAt = await startOffset(this.#options.source, from);
      await resetStores(this.#consumer, { ...this.#definition.current, startAt });
      await this.#definition.look();
    });
  }

  /** Goes on from another place, with the state as it is. */
  rewind(to: StartAt): Promise<void> {
    return this.#changed(async () => {
      const { source } = this.#options;
      await moveStores(this.#consumer, { to: await startOffset(source, to), source });
      await this.#definition.look();
    });
  }

  /**
   * Lets another process have the consumer, which must be paused, until that releases it or has
   * ended. Resolves when it has it. Rejects with CONSUMER_IN_USE.
   */
  lend(to: Owner): Promise<void> {
    if (this.#ownership === undefined)
      return Promise.reject(keptFrom(this.name, "it is lent already"));
    return new Promise((resolve, reject) => {
      const lent = this.#turns.take(async () => {
        if (this.#state !== "paused") throw keptFrom(this.name, "it runs: pause it first");
        await this.#ownership?.handOver(to);
        this.#ownership = undefined;
        resolve();
        this.#ownership = await takeInTime(this.#consumer, this.#closing.signal);
        await this.#beginAnew();
      });
      lent.catch(reject);
    });
  }

  /** Committed entries of a table. Rejects with CONSUMER_BUSY while a process is starting. */
  async query(query: TableQuery): Promise<TableEntry[]> {
    if (this.#crew !== undefined) return await this.#crew.query(query);
    return await this.#turns.take(() => queryStores(this.#consumer, query));
  }

  /** Resolves when no process of the consumer runs any more. */
  async ended(): Promise<void> {
    await this.#crew?.ended();
  }

  /** Lets the consumer end what it is doing. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    this.#closing.abort(new FedbusError("CLOSED", "the consumer has ended"));
    const turned = this.#turns.close();
    // A change that is under way waits for the processes.
    await this.#crew?.stop();
    await turned;
    await this.#rest();
    this.#head.close();
    await this.#ownership?.release();
  }

  /** Goes on with what is registered now. */
  async #beginAnew(): Promise<void> {
    const about = { logger: this.#logger, signal: this.#closing.signal };
    try {
      await this.#definition.askAnew(this.#options, this.#limits, about);
      await this.#begin();
    } catch (error) {
      // Whoever closes it does not wait for a plugin that does not come back.
      if (this.#closing.signal.aborted) throw error;
      this.#halt(error);
    }
  }

  #setPaused(paused: boolean): Promise<void> {
    return this.#turns.take(async () => {
      await this.#definition.register({ paused });
      await this.#rest();
      await (paused ? this.#begin() : this.#beginAnew());
    });
  }

  #halt(error: unknown): void {
    if (!isFedbusError(error)) throw error;
    this.#logger.error({ consumer: this.name, code: error.code }, error.message);
    this.#state = "halted";
    this.#error = error;
  }

  /** Changes what is stored while nothing runs, and goes on. */
  #changed(change: () => Promise<void>): Promise<void> {
    return this.#turns.take(async () => {
      await this.#rest();
      try {
        await change();
      } finally {
        await this.#begin();
      }
    });
  }

  async #rest(): Promise<void> {
    await this.#crew?.stop();
    this.#crew = undefined;
    this.#state = "stopped";
    this.#error = undefined;
  }

  async #begin(): Promise<void> {
    // Somebody may have switched to another one while nothing ran.
    await this.#definition.look();
    if (this.#definition.current.registration.paused) {
      this.#state = "paused";
      this.#resting = await storedPartitions(this.#consumer);
      return;
    }
    const wanted = this.#options.parallelism ?? this.#definition.current.parallelism;
    try {
      if (wanted !== this.#definition.current.parallelism) await this.#rescale(wanted);
    } catch (error) {
      this.#halt(error);
      return;
    }
    this.#state = "starting";
    const { once = false, source } = this.#options;
    this.#crew = await this.#createCrew(once ? { next: (await source.info()).head } : undefined);
    this.#state = undefined;
  }

  async #rescale(parallelism: number): Promise<void> {
    const from = this.#definition.current.parallelism;
    this.#logger.info({ consumer: this.name, from, to: parallelism }, "dividing the state anew");
    this.#state = "rescaling";
    const moment = await meetingPoint(this.#consumer);
    if (moment !== undefined) await this.#comeTo(moment);
    await divideAnew(this.#consumer, { parallelism, moment });
    await this.#definition.look();
  }

  /** Has all partitions come to one place, each with nothing left to publish. */
  async #comeTo(moment: Moment): Promise<void> {
    this.#crew = await this.#createCrew(moment);
    try {
      await this.#crew.arrived(moment);
    } finally {
      this.#crew = undefined;
    }
  }

  async #createCrew(until?: Moment): Promise<Crew> {
    const { url, env = {} } = this.#options;
    const { config, startAt } = this.#definition.current.registration;
    const { name, home } = this.#consumer;
    return new Crew({
      ...{ name, home, url, config, env, startAt },
      current: this.#definition.current,
      description: this.#definition.description,
      progress: await storedProgress(this.#consumer),
      cwd: join(home.dir, "work"),
      limits: this.#limits,
      logger: this.#logger,
      head: () => this.#head.end?.head,
      ...(until === undefined ? {} : { until }),
    });
  }
}
