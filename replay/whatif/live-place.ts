import { isOfLineage, wholeLineage } from "../../consumers/home/lineage.js";
import { type Current, type NamedHome, StateStore, takeOwnership } from "../../consumers/index.js";
import { readCheckpoint } from "../../consumers/runner/checkpoint.js";
import { FedbusError, isFedbusError } from "../../schemas/index.js";
import { meantBy } from "../outputs/logged-outputs.js";
import type { Output } from "../outputs/output.js";
import { storedOutputs } from "../outputs/stored-outputs.js";

/** How far a consumer has come that runs, or ran, live. */
export interface LivePlace {
  /** It has handled every event before this offset. */
  readonly next: number;
  /** And fired every timer that was due before this time of the log, ms. */
  readonly time: number;
  /** Outputs that are committed and may not be in the log yet. Default: none. */
  readonly unsent?: readonly Output[];
}

/** Outputs that may wait to be published, of one process; they are kept in memory. */
const unsentMax = 1_000_000;

/**
 * As its stores tell; undefined if it has none, or if they are in use just now. Rejects with INPUT_INVALID if
 * more than `max` outputs of a process wait to be published. Default 1,000,000.
 */
export async function storedPlace(
  consumer: NamedHome,
  max = unsentMax,
): Promise<LivePlace | undefined> {
  const current = await consumer.home.current();
  if (current === undefined) return undefined;
  try {
    const ownership = await takeOwnership(consumer);
    try {
      const places: LivePlace[] = [];
      for (let partition = 0; partition < current.parallelism; partition++) {
        places.push(await placeIn(consumer, current, { partition, max }));
      }
      return leastOf(places);
    } finally {
      await ownership.release();
    }
  } catch (error) {
    const isInUse = isFedbusError(error, "CONSUMER_IN_USE") || isFedbusError(error, "STATE_IN_USE");
    if (isInUse || isFedbusError(error, "STATE_NOT_FOUND")) return undefined;
    throw error;
  }
}

async function placeIn(
  { name, home }: NamedHome,
  current: Current,
  { partition, max }: { readonly partition: number; readonly max: number },
): Promise<LivePlace> {
  const { generation, lineage = wholeLineage } = current;
  const store = await StateStore.open(home.storeDir(current, partition), { create: false });
  try {
    const { next = 0, time = 0 } = (await readCheckpoint(store)) ?? {};
    const unsent: Output[] = [];
    for await (const { seq, ...stored } of storedOutputs(store)) {
      const output = meantBy(stored);
      if (output && isOfLineage(lineage, { generation, partition, seq }, output.cause.offset))
        unsent.push(output);
      if (unsent.length > max) throw tooManyUnsent(name, max);
    }
    return { next, time, unsent };
  } finally {
    await store.close();
  }
}

function leastOf(places: readonly LivePlace[]): LivePlace {
  return {
    next: Math.min(...places.map(({ next }) => next)),
    time: Math.min(...places.map(({ time }) => time)),
    unsent: places.flatMap(({ unsent = [] }) => unsent),
  };
}

function tooManyUnsent(name: string, max: number): FedbusError {
  return new FedbusError(
    "INPUT_INVALID",
    `more than ${max} outputs of ${name} are not published yet`,
    {
      details: { name, max, remedy: "run it until they are, and then compare" },
    },
  );
}
