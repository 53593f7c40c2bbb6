import type { EventSource } from "../../bus/index.js";
import { isFedbusError } from "../../schemas/index.js";
import type { Current } from "../home/home.js";
import { afterRewind, wholeLineage } from "../home/lineage.js";
import type { Registration } from "../home/registration.js";
import { type Checkpoint, checkpointMeta, readCheckpoint } from "../runner/checkpoint.js";
import { StateStore } from "../store/state-store.js";
import type { NamedHome } from "./folder.js";
import { currentIfWhole, nextGeneration, removeOtherGenerations } from "./folder.js";
import type { TableQuery } from "./messages.js";
import { mergeEntries, queryEntriesMax, queryTable, type TableEntry } from "./query-table.js";

/**
 * What can be done with a consumer's stores while no process has them open. Whoever does it must
 * have taken the consumer.
 */

/** Runs `work` over each partition's store that there is, one after the other. */
export async function eachStore<Result>(
  { home }: NamedHome,
  work: (store: StateStore, partition: number) => Promise<Result>,
): Promise<Result[]> {
  const current = await home.current();
  const results: Result[] = [];
  for (let partition = 0; partition < (current?.parallelism ?? 0); partition++) {
    const store = await existing(home.storeDir(current!, partition));
    if (store === undefined) continue;
    try {
      results.push(await work(store, partition));
    } finally {
      await store.close();
    }
  }
  return results;
}

async function existing(dir: string): Promise<StateStore | undefined> {
  try {
    return await StateStore.open(dir, { create: false });
  } catch (error) {
    if (!isFedbusError(error, "STATE_NOT_FOUND")) throw error;
    return undefined;
  }
}

/** The places of the partitions; undefined for those that never began. */
export async function checkpointsOf(consumer: NamedHome): Promise<(Checkpoint | undefined)[]> {
  return await eachStore(consumer, (store) => readCheckpoint(store));
}

/** Entries of a table, of all partitions. */
export async function queryStores(consumer: NamedHome, query: TableQuery): Promise<TableEntry[]> {
  const found = await eachStore(consumer, (store) => queryTable(store, query));
  return mergeEntries(found, query.limit ?? queryEntriesMax);
}

/** Drops all state, also a damaged one; the consumer begins anew at offset `startAt`. */
export async function resetStores(
  consumer: NamedHome,
  { startAt, parallelism }: { readonly startAt: number; readonly parallelism: number },
): Promise<Current> {
  const { home } = consumer;
  const { registration } = (await currentIfWhole(home)) ?? {};
  const generation = await nextGeneration(home);
  const current = {
    ...{ generation, parallelism, lineage: { since: generation, rewinds: [] } },
    ...(registration !== undefined && { registration: { ...registration, startAt } }),
  };
  await home.switchTo(current);
  await removeOtherGenerations(home);
  return current;
}

/** Moves the consumer to offset `to`, and keeps its state as it is. One that never began begins there. */
export async function moveStores(
  consumer: NamedHome,
  { to, source }: { readonly to: number; readonly source: EventSource },
): Promise<void> {
  const time = await recordedAt(source, to);
  // Before the stores, of which each is moved by itself: given again, the command completes what a crash has cut.
  await noteMove(consumer, to);
  await eachStore(consumer, async (store) => {
    const checkpoint = await readCheckpoint(store);
    if (checkpoint === undefined) return;
    const { last: _, ...rest } = checkpoint;
    const moved = { ...rest, next: to, time: time ?? rest.time, cause: { offset: -1, counts: {} } };
    await store.commit([], { ...checkpointMeta(moved), attempts: null });
  });
}

/** Notes where the consumer goes on, and what of its outputs is void from now on. */
async function noteMove({ name, home }: NamedHome, to: number): Promise<void> {
  const current = await home.current();
  if (current === undefined) return;
  const { generation, parallelism, registration, lineage = wholeLineage } = current;
  const places = await eachStore({ name, home }, async (store, partition) => {
    return { partition, checkpoint: await readCheckpoint(store) };
  });
  const hasBegun = places.some(({ checkpoint }) => checkpoint !== undefined);
  const seqs = Array.from({ length: parallelism }, () => 0);
  for (const { partition, checkpoint } of places) seqs[partition] = checkpoint?.nextSeq ?? 0;
  await home.switchTo({
    ...current,
    ...(hasBegun && { lineage: afterRewind(lineage, { generation, seqs, to }) }),
    ...(registration !== undefined && { registration: movedTo(to, registration, hasBegun) }),
  });
}

/** The start is where the history of the state begins: never after what the consumer has handled. */
function movedTo(to: number, registration: Registration, hasBegun: boolean): Registration {
  return { ...registration, startAt: hasBegun ? Math.min(to, registration.startAt) : to };
}

async function recordedAt(source: EventSource, offset: number): Promise<number | undefined> {
  const { blocks } = await source.read({ from: offset, bytesMax: 1 });
  return blocks[0]?.recordedAt;
}
