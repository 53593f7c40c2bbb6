import type { Logger } from "../../bus/index.js";
import { FedbusError } from "../../schemas/index.js";
import type { ConsumerHome, Current } from "../home/home.js";
import type { HostSurroundings } from "./fork-host.js";
import type { SupervisorLimits } from "./limits.js";
import type { Description, HostProgress, Moment, TableQuery } from "./messages.js";
import { Partition, type PartitionState, type PartitionStatus } from "./partition.js";
import { mergeEntries, queryEntriesMax, type TableEntry } from "./query-table.js";

/** What all partitions of a consumer share. */
export interface CrewOptions extends HostSurroundings {
  readonly name: string;
  readonly home: ConsumerHome;
  readonly current: Current;
  readonly description: Description;
  readonly config: unknown;
  readonly url: string;
  readonly startAt: number;
  readonly limits: SupervisorLimits;
  readonly logger: Logger;
  /** How far each has come, by its number, before it says so itself. */
  readonly progress: ReadonlyMap<number, HostProgress>;
  head(): number | undefined;
  /** They come to this place and end. Default: they go on live. */
  readonly until?: Moment;
}

/** The partitions of a consumer that run at one time, over one generation of its state. */
export class Crew {
  readonly #partitions: readonly Partition[];

  constructor(options: CrewOptions) {
    this.#partitions = Array.from(
      { length: options.current.parallelism },
      (_, index) => new Partition({ ...options, ...partOf(options, index) }),
    );
  }

  get statuses(): PartitionStatus[] {
    return this.#partitions.map(({ status }) => status);
  }

  /** Resolves when no partition runs any more: with the state that each ended in. */
  async ended(): Promise<PartitionState[]> {
    return await Promise.all(this.#partitions.map(({ ended }) => ended));
  }

  /** Resolves when all partitions have come to `moment`. Rejects with CONSUMER_HALTED if one does not. */
  async arrived(moment: Moment): Promise<void> {
    const states = await this.ended();
    const failed = this.statuses.find(({ state }) => state !== "ended");
    if (failed === undefined) return;
    const why = failed.error === undefined ? states.join(", ") : failed.error.message;
    throw new FedbusError("CONSUMER_HALTED", `its state cannot be divided anew yet: ${why}`, {
      details: { moment, remedy: "run it with the parallelism that it had, and see why it stops" },
    });
  }

  async stop(): Promise<void> {
    await Promise.all(this.#partitions.map((partition) => partition.stop()));
  }

  async query(query: TableQuery): Promise<TableEntry[]> {
    const found = await Promise.all(this.#partitions.map((partition) => partition.query(query)));
    return mergeEntries(found, query.limit ?? queryEntriesMax);
  }
}

function partOf(
  { home, current, name, url, config, startAt, until, description, logger, progress }: CrewOptions,
  index: number,
) {
  const count = current.parallelism;
  const about = count === 1 ? { consumer: name } : { consumer: name, partition: index };
  return {
    logger: withFields(logger, about),
    attemptsMax: description.attemptsMax,
    progress: progress.get(index),
    plan: {
      path: description.path,
      name,
      config,
      url,
      store: home.storeDir(current, index),
      inFlightPath: home.inFlightPath(current, index),
      partition: { index, count },
      producer: home.producer(name, current, index),
      startAt,
      ...(until === undefined ? {} : { until }),
    },
  };
}

function withFields(logger: Logger, about: object): Logger {
  return {
    debug: (fields, message) => logger.debug({ ...about, ...fields }, message),
    info: (fields, message) => logger.info({ ...about, ...fields }, message),
    warn: (fields, message) => logger.warn({ ...about, ...fields }, message),
    error: (fields, message) => logger.error({ ...about, ...fields }, message),
  };
}
