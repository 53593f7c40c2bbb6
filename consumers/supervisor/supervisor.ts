import { join } from "node:path";
import { type EventSource, type Logger, type StartAt, silentLogger } from "../../bus/index.js";
import { FedbusError, isFedbusError } from "../../schemas/index.js";
import type { Current } from "../home/home.js";
import { Crew } from "./crew.js";
import { describe } from "./describe.js";
import { homeOf, type NamedHome } from "./folder.js";
import { HeadPoll } from "./head-poll.js";
import { type SupervisorLimits, supervisorLimits } from "./limits.js";
import type { Description, Moment, TableQuery } from "./messages.js";
import { type Ownership, takeOwnership } from "./ownership.js";
import type { PartitionStatus } from "./partition.js";
import { checkParallelism, firstOrCurrent, register } from "./preparation.js";
import type { TableEntry } from "./query-table.js";
import { type Registration, readRegistration, writeRegistration } from "./registration.js";
import { divideAnew, meetingPoint } from "./rescale.js";
import { startOffset } from "./start-offset.js";
import { type ConsumerState, type ConsumerStatus, statusOf } from "./status.js";
import { storedPartitions } from "./stored-status.js";
import { moveStores, queryStores, resetStores } from "./stores.js";

export interface SupervisorOptions {
  /** The log's directory: consumers keep their state below it. */
  readonly dir: string;
  /** The hub's address, for the consumer's processes. */
  readonly url: string;
  /** The same log. */
  readonly source: EventSource;
  /** A path or a package's name, looked up from `cwd`. */
  readonly plugin: string;
  readonly cwd: string;
  /** Default: the plugin's own name. */
  readonly name?: string;
  /** Default `{}`. */
  readonly config?: unknown;
  /** Processes that share the work by key. Default: as many as before, at first 1. */
  readonly parallelism?: number;
  /** Where a consumer starts that has never run. Default "earliest". */
  readonly from?: StartAt;
  /** Handle what is in the log by now, and end. Default false: go on with what comes. */
  readonly once?: boolean;
  /** The environment of the consumer's processes. Default: empty. */
  readonly env?: Readonly<Record<string, string>>;
  readonly limits?: Partial<SupervisorLimits>;
  readonly logger?: Logger;
}

/**
 * Runs a consumer in processes of its own, one for each partition, and keeps them running: a plugin
 * can throw, loop, leak, exit or crash without harm to anything but its own progress.
 */
export class Supervisor implements AsyncDisposable {
  readonly #options: SupervisorOptions;
  readonly #limits: SupervisorLimits;
  readonly #logger: Logger;
  readonly #consumer: NamedHome;
  readonly #description: Description;
  readonly #ownership: Ownership;
  readonly #head: HeadPoll;
  #registration: Registration;
  #current: Current;
  #crew: Crew | undefined;
  /** How far the partitions are while none runs. */
  #resting: readonly PartitionStatus[] = [];
  #state: ConsumerState | undefined;
  #error: FedbusError | undefined;
  /** Changes come one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | undefined;

  private constructor(
    options: SupervisorOptions,
    parts: {
      readonly consumer: NamedHome;
      readonly description: Description;
      readonly ownership: Ownership;
      readonly registration: Registration;
      readonly current: Current;
    },
  ) {
    this.#options = options;
    this.#limits = { ...supervisorLimits, ...options.limits };
    this.#logger = options.logger ?? silentLogger;
    this.#consumer = parts.consumer;
    this.#description = parts.description;
    this.#ownership = parts.ownership;
    this.#registration = parts.registration;
    this.#current = parts.current;
    this.#head = new HeadPoll(options.source);
  }

  /**
   * Starts the consumer, unless it is paused. Rejects with PLUGIN_NOT_FOUND, PLUGIN_INVALID,
   * OPTIONS_INVALID, OFFSET_INVALID and CONSUMER_IN_USE.
   */
  static async open(options: SupervisorOptions): Promise<Supervisor> {
    const { plugin, cwd, config = {}, env = {}, dir, limits, parallelism } = options;
    const request = { plugin, from: cwd, config };
    const description = await describe(request, { env, cwd }, { ...supervisorLimits, ...limits });
    checkParallelism(parallelism, description);
    const consumer = homeOf(dir, options.name ?? description.name);
    const ownership = await takeOwnership(consumer);
    try {
      const registration = await register(consumer, description, options);
      const current = await firstOrCurrent(consumer, parallelism ?? 1);
      const parts = { consumer, description, ownership, registration, current };
      const supervisor = new Supervisor(options, parts);
      await supervisor.#head.ask();
      await supervisor.#inTurn(() => supervisor.#begin());
      return supervisor;
    } catch (error) {
      await ownership.release();
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
    const { path, version, topics } = this.#description;
    const frame = {
      ...{ name: this.name, version, path, topics, config: this.#registration.config },
      ...this.#current,
      startAt: this.#registration.startAt,
      head: this.#head.head,
      state: this.#state,
      error: this.#error?.toJSON(),
    };
    return statusOf(frame, this.#crew?.statuses ?? this.#resting);
  }

  /** Lets the consumer end what it is doing, and handles nothing until it is resumed. */
  pause(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#register({ paused: true });
      await this.#rest();
      await this.#begin();
    });
  }

  /** Goes on: after a pause, and after the consumer has halted or broken. */
  resume(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#register({ paused: false });
      await this.#rest();
      await this.#begin();
    });
  }

  /** Drops all state, and begins anew at `from`. Outputs come again. */
  reset(from: StartAt = "earliest"): Promise<void> {
    return this.#changed(async () => {
      const startAt = await startOffset(this.#options.source, from);
      const { parallelism } = this.#current;
      this.#current = await resetStores(this.#consumer, { startAt, parallelism });
      this.#registration = (await readRegistration(this.home)) ?? this.#registration;
    });
  }

  /** Goes on from another place, with the state as it is. */
  rewind(to: StartAt): Promise<void> {
    return this.#changed(async () => {
      const { source } = this.#options;
      await moveStores(this.#consumer, { to: await startOffset(source, to), source });
      this.#registration = (await readRegistration(this.home)) ?? this.#registration;
    });
  }

  /** Committed entries of a table. Rejects with CONSUMER_BUSY while a process is starting. */
  async query(query: TableQuery): Promise<TableEntry[]> {
    if (this.#crew !== undefined) return await this.#crew.query(query);
    return await this.#inTurn(() => queryStores(this.#consumer, query));
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
    // A change that is under way waits for the processes.
    await this.#crew?.stop();
    await this.#turn;
    await this.#rest();
    this.#head.close();
    await this.#ownership.release();
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const mine = this.#turn.then(() => {
      if (this.#closed !== undefined) throw new FedbusError("CLOSED", "the consumer has ended");
      return work();
    });
    this.#turn = mine.catch(() => {});
    return mine;
  }

  /** Changes what is stored while nothing runs, and goes on. */
  #changed(change: () => Promise<void>): Promise<void> {
    return this.#inTurn(async () => {
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
    if (this.#registration.paused) {
      this.#state = "paused";
      this.#resting = await storedPartitions(this.#consumer);
      return;
    }
    // Somebody may have switched to another one while nothing ran.
    this.#current = (await this.#consumer.home.current()) ?? this.#current;
    const wanted = this.#options.parallelism ?? this.#current.parallelism;
    try {
      if (wanted !== this.#current.parallelism) await this.#rescale(wanted);
    } catch (error) {
      if (!isFedbusError(error)) throw error;
      this.#logger.error({ consumer: this.name, code: error.code }, error.message);
      this.#state = "halted";
      this.#error = error;
      return;
    }
    this.#state = undefined;
    const { once = false, source } = this.#options;
    this.#crew = this.#createCrew(once ? { next: (await source.info()).head } : undefined);
  }

  async #rescale(parallelism: number): Promise<void> {
    const from = this.#current.parallelism;
    this.#logger.info({ consumer: this.name, from, to: parallelism }, "dividing the state anew");
    this.#state = "rescaling";
    const moment = await meetingPoint(this.#consumer);
    if (moment !== undefined) await this.#comeTo(moment);
    this.#current = await divideAnew(this.#consumer, parallelism, moment);
  }

  /** Has all partitions come to one place, each with nothing left to publish. */
  async #comeTo(moment: Moment): Promise<void> {
    this.#crew = this.#createCrew(moment);
    const states = await this.#crew.ended();
    const failed = this.#crew.statuses.find(({ state }) => state !== "ended");
    this.#crew = undefined;
    if (failed === undefined) return;
    const why = failed.error === undefined ? states.join(", ") : failed.error.message;
    throw new FedbusError("CONSUMER_HALTED", `its state cannot be divided anew yet: ${why}`, {
      details: { moment, remedy: "run it with the parallelism that it had, and see why it stops" },
    });
  }

  #createCrew(until?: Moment): Crew {
    const { url, config = {}, env = {} } = this.#options;
    const { name, home } = this.#consumer;
    return new Crew({
      ...{ name, home, url, config, env },
      current: this.#current,
      description: this.#description,
      cwd: join(home.dir, "work"),
      startAt: this.#registration.startAt,
      limits: this.#limits,
      logger: this.#logger,
      head: () => this.#head.head,
      ...(until === undefined ? {} : { until }),
    });
  }

  async #register(change: Partial<Registration>): Promise<void> {
    this.#registration = { ...this.#registration, ...change };
    await writeRegistration(this.#consumer.home, this.#registration);
  }
}
