import { setTimeout as sleep } from "node:timers/promises";
import type { EventSource, StartAt } from "../../bus/index.js";
import { FedbusError } from "../../schemas/index.js";
import { askSupervisor } from "../control/ask.js";
import { readControlFile } from "../control/control-file.js";
import { currentIfWhole, type NamedHome } from "./folder.js";
import type { TableQuery } from "./messages.js";
import { ownerOf, takeOwnership } from "./ownership.js";
import type { TableEntry } from "./query-table.js";
import { startOffset } from "./start-offset.js";
import type { ConsumerStatus } from "./status.js";
import { storedStatus } from "./stored-status.js";
import { moveStores, queryStores, resetStores } from "./stores.js";

/** What can be asked of a consumer and done to it, whether it runs or not. */
export interface ConsumerControl {
  status(): Promise<ConsumerStatus>;
  /** Handles nothing until it is resumed, also when it is started anew. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Drops all state, also a damaged one, and begins anew. */
  reset(from: StartAt): Promise<void>;
  /** Goes on from another place, with the state as it is. */
  rewind(to: StartAt): Promise<void>;
  query(query: TableQuery): Promise<TableEntry[]>;
}

/** How long to wait for a process that has the consumer to listen, or to let go of it, ms. */
const waitMs = 2_000;
const periodMs = 20;

/**
 * Control over a consumer: by way of the process that runs it, else over its directory. `source` is
 * the log that it reads.
 */
export async function controlOf(
  consumer: NamedHome,
  source: EventSource,
): Promise<ConsumerControl> {
  for (let waitedMs = 0; ; waitedMs += periodMs) {
    if ((await ownerOf(consumer)) === undefined) return overDirectory(consumer, source);
    const listens = (await readControlFile(consumer.home.dir)) !== undefined;
    if (listens || waitedMs >= waitMs) return overProcess(consumer);
    await sleep(periodMs);
  }
}

function overProcess({ home: { dir } }: NamedHome): ConsumerControl {
  const tell = async (op: string, params?: object): Promise<void> => {
    await askSupervisor(dir, op, params);
  };
  return {
    status: async () => (await askSupervisor(dir, "status")) as ConsumerStatus,
    pause: () => tell("pause"),
    resume: () => tell("resume"),
    reset: (from) => tell("reset", { from }),
    rewind: (to) => tell("rewind", { to }),
    query: async (query) => (await askSupervisor(dir, "query", query)) as TableEntry[],
  };
}

function overDirectory(consumer: NamedHome, source: EventSource): ConsumerControl {
  const owned = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    const ownership = await takeOwnership(consumer);
    try {
      return await work();
    } finally {
      await ownership.release();
    }
  };
  const setPaused = (paused: boolean) =>
    owned(async () => {
      const registration = await consumer.home.registration();
      if (registration === undefined)
        throw new FedbusError(
          "CONSUMER_UNKNOWN",
          `${consumer.name} was never started by a command`,
        );
      await consumer.home.register({ ...registration, paused });
    });
  return {
    status: () => owned(async () => storedStatus(consumer, source)),
    pause: () => setPaused(true),
    resume: () => setPaused(false),
    reset: (from) =>
      owned(async () => {
        const startAt = await startOffset(source, from);
        const { parallelism } = (await currentIfWhole(consumer.home)) ?? { parallelism: 1 };
        await resetStores(consumer, { startAt, parallelism });
      }),
    rewind: (to) =>
      owned(async () => moveStores(consumer, { to: await startOffset(source, to), source })),
    query: (query) => owned(() => queryStores(consumer, query)),
  };
}
