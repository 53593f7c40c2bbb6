import { dirname } from "node:path";
import type { Operation } from "../../bus/index.js";
import { syncDirectory } from "../../bus/storage/durable-file.js";
import { StateStore } from "../../consumers/index.js";
import { checkpointMeta, readCheckpoint } from "../../consumers/runner/checkpoint.js";
import { entryRange, expiryIndexRange, timerRange } from "../../consumers/store/keys.js";
import type { Replay } from "../engine/replay.js";
import type { Totals } from "../whatif/report.js";
import { BatchWriter } from "./batch-writer.js";
import type { Publication } from "./publication.js";

/** What a promoted store says of where it came from. */
export interface Promoted {
  /** Of the replay's plan. */
  readonly id: string;
  readonly totals: Totals;
  /** How many processes the state was divided over that it took the place of. */
  readonly parallelism: number;
}

const promotedMeta = "promoted";

/** Which replay a store was promoted from; undefined if it never was. */
export async function readPromoted(store: StateStore): Promise<Promoted | undefined> {
  return await store.meta<Promoted>(promotedMeta);
}

/** Entries, and batches of outputs, that are written at once. */
const stepEntries = 1_000;
const stepBatches = 8;

/**
 * Builds the store of a new generation: the replay's state, timers and place, and as its outbox
 * what is to be published. The replay's own store stays as it is, so this can always be done again.
 */
export async function buildGeneration(
  replay: Replay,
  storeDir: string,
  publication: Publication,
  { parallelism, hook }: { readonly parallelism: number; readonly hook: () => void },
): Promise<void> {
  const store = await StateStore.open(storeDir, { durable: false });
  try {
    for (const range of [entryRange, timerRange, expiryIndexRange])
      await copyRange(replay.store, store, range, hook);
    const checkpoint = (await readCheckpoint(replay.store))!;
    const nextSeq = await writeOutbox(store, publication, hook);
    await store.commit([], checkpointMeta({ ...checkpoint, nextSeq }));
  } finally {
    await store.close();
  }
  await makeDurable(storeDir, {
    id: replay.plan.id,
    totals: publication.totals,
    parallelism,
  });
}

async function copyRange(
  from: StateStore,
  to: StateStore,
  range: typeof entryRange,
  hook: () => void,
): Promise<void> {
  for await (const step of from.steps(range, stepEntries)) {
    const operations = step.map(([key, value]): Operation => ({ type: "put", key, value }));
    await to.commit(operations, {});
    hook();
  }
}

async function writeOutbox(
  store: StateStore,
  publication: Publication,
  hook: () => void,
): Promise<number> {
  const writer = new BatchWriter();
  for await (const envelope of publication.envelopes()) {
    writer.write(envelope);
    if (writer.waiting < stepBatches) continue;
    await store.commit(writer.take({ all: false }), {});
    hook();
  }
  await store.commit(writer.take({ all: true }), {});
  return writer.nextSeq;
}

/**
 * What was written without waiting for the disk is in LevelDB's log; opening turns that into files,
 * which are synced, and a commit that waits comes after all of it.
 */
async function makeDurable(storeDir: string, promoted: Promoted): Promise<void> {
  const store = await StateStore.open(storeDir);
  try {
    await store.commit([], { [promotedMeta]: promoted });
  } finally {
    await store.close();
  }
  for (const dir of [storeDir, dirname(storeDir), dirname(dirname(storeDir))])
    await syncDirectory(dir);
}
