import { randomUUID } from "node:crypto";
import { rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { FedbusError } from "../../../schemas/errors.js";
import type { Block } from "../../block/block.js";
import { type Clock, systemClock } from "../../kernel/clock.js";
import { type Logger, silentLogger } from "../../kernel/logger.js";
import { isLocked, openDatabase, repairDatabase } from "../../storage/database.js";
import { writeDurably } from "../../storage/durable-file.js";
import { isAlive } from "../../storage/owner.js";
import { damagedTable } from "../../storage/table-check.js";
import { type VerifyReport, verify } from "../verify.js";
import { BlockStore, blockBufferBytes } from "./block-store.js";
import { putBackWrites } from "./kept-writes.js";
import { offsetOfKey } from "./keys.js";
import { LevelLog } from "./level-log.js";
import { LogFile, type LogFileState, type LostRange } from "./log-file.js";
import { newLogState } from "./open-log.js";
import { putRight, salvage, setTablesAside } from "./salvage.js";
import { hasRemains } from "./storage.js";

export interface RepairOptions {
  /**
   * The log's id, for when `log.json` is lost. Default: a new one, by which consumers and
   * subscribers will take the log for another.
   */
  readonly logId?: string;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Called at the start of each stage, and within those that know how far they are. */
  readonly onProgress?: (progress: RepairProgress) => void;
}

/** What a repair is at, in this order. */
export const repairStages = ["databases", "blocks", "index", "verify"] as const;

/** The stage, and the offsets it is done with, of those it goes over. */
export interface RepairProgress {
  readonly stage: (typeof repairStages)[number];
  readonly done?: number;
  readonly total?: number;
}

export interface RepairReport {
  readonly logId: string;
  /** Whether `log.json` had to be made again. */
  readonly remade: boolean;
  /** Where the old index was put, if there was one. */
  readonly indexMovedTo?: string;
  /** Where tables of LevelDB's were put that are damaged; what could be read of them was taken over. */
  readonly damagedTables: readonly string[];
  /** Acknowledged offsets that are gone for good, all that was ever accepted as lost included. */
  readonly lost: readonly LostRange[];
  /** What the repaired log holds, read from end to end. */
  readonly verified: VerifyReport;
}

/**
 * Makes a log usable again whose databases cannot be opened, or which has lost events: LevelDB's
 * own repair on the blocks, a new index, and a record of what is missing. What is missing stays a
 * hole; its offsets are not used again. Nothing is deleted: the old index is moved aside.
 *
 * Rejects with LOG_NOT_FOUND if there is nothing to repair, LOG_IN_USE, or LOG_FORMAT_NEWER.
 */
export async function repairLog(dir: string, options: RepairOptions = {}): Promise<RepairReport> {
  const clock = options.clock ?? systemClock;
  const logger = options.logger ?? silentLogger;
  const tell = options.onProgress ?? (() => {});
  const found = await readOrUndefined(dir);
  if (found === undefined && !(await hasRemains(dir)))
    throw new FedbusError("LOG_NOT_FOUND", `there is no log in ${dir}`);
  if (found?.owner !== undefined && (await isAlive(found.owner)))
    throw new FedbusError("LOG_IN_USE", `process ${found.owner.pid} has the log open`, {
      details: { pid: found.owner.pid },
    });
  await checkUnlocked(join(dir, "index"));
  tell({ stage: "databases" });
  await putBackWrites(dir);
  const damagedTables = await setTablesAside(join(dir, "blocks"));
  if (damagedTables.length > 0) logger.warn({ damagedTables }, "damaged tables were put aside");
  await repairBlocks(join(dir, "blocks"));
  const indexMovedTo = await moveAside(join(dir, "index"), clock());
  tell({ stage: "blocks" });
  const oldest = await restore(join(dir, "blocks"), damagedTables, tell);
  if (found === undefined) await remake(dir, options.logId ?? randomUUID(), clock(), oldest);
  tell({ stage: "index" });
  const log = await LevelLog.open(dir, { create: false, acceptLoss: true, clock, logger });
  try {
    const state = (await LogFile.read(dir))!;
    const { first, head } = log;
    const onProgress = ({ offset }: { readonly offset: number }): void =>
      tell({ stage: "verify", done: offset - first, total: head - first });
    return {
      logId: log.logId,
      remade: found === undefined,
      ...(indexMovedTo !== undefined && { indexMovedTo }),
      damagedTables,
      lost: state.lost,
      verified: await verify(log, { onProgress }),
    };
  } finally {
    await log.close();
  }
}

async function readOrUndefined(dir: string): Promise<LogFileState | undefined> {
  try {
    return await LogFile.read(dir);
  } catch (error) {
    if (error instanceof FedbusError && error.code === "LOG_CORRUPT") {
      await rename(join(dir, "log.json"), join(dir, "log.json.damaged"));
      return undefined;
    }
    throw error;
  }
}

/**
 * LevelDB's repair takes no lock, and opening the blocks to find out whether somebody has them
 * would already drop what the repair is to save. An owner holds the index's lock as well: ask that.
 */
async function checkUnlocked(dir: string): Promise<void> {
  // LevelDB might not survive it, and what is damaged has hardly an owner.
  if ((await damagedTable(dir, { dataBytesMax: Number.POSITIVE_INFINITY })) !== undefined) return;
  try {
    const options = { createIfMissing: false, writeBufferBytes: 1024 * 1024, cacheBytes: 0 };
    const database = await openDatabase(dir, options);
    await database.close();
  } catch (cause) {
    if (isLocked(cause))
      throw new FedbusError("LOG_IN_USE", "another process has the log open", { cause });
  }
}

async function repairBlocks(dir: string): Promise<void> {
  try {
    await repairDatabase(dir);
  } catch (cause) {
    throw new FedbusError("LOG_CORRUPT", "the log's database cannot be repaired", { cause });
  }
}

async function moveAside(dir: string, now: number): Promise<string | undefined> {
  if (!(await stat(dir).catch(() => undefined))) return undefined;
  const target = `${dir}.before-repair-${now}`;
  await rename(dir, target);
  return target;
}

/** Opens what LevelDB has repaired, and puts right what it cannot. Resolves with the oldest block. */
async function restore(
  dir: string,
  aside: readonly string[],
  tell: (progress: RepairProgress) => void,
): Promise<Block | undefined> {
  const database = await openDatabase(dir, {
    createIfMissing: false,
    writeBufferBytes: blockBufferBytes,
    cacheBytes: 0,
  });
  const store = new BlockStore(database);
  try {
    for (const path of aside) await salvage(path, store);
    const total = await lastStart(store);
    return await putRight(store, (done) => tell({ stage: "blocks", done, total }));
  } finally {
    await store.close();
  }
}

async function lastStart(store: BlockStore): Promise<number> {
  for await (const [key] of store.entriesDescending()) return offsetOfKey(key);
  return 0;
}

/** A `log.json` after what the blocks themselves tell. */
async function remake(
  dir: string,
  logId: string,
  now: number,
  oldest: Block | undefined,
): Promise<void> {
  const fresh = newLogState(logId, now);
  const base =
    oldest === undefined
      ? fresh.base
      : { first: oldest.firstOffset, hash: oldest.previous.toString("hex"), epoch: 0 };
  const state: LogFileState = { ...fresh, creating: false, base };
  await writeDurably(join(dir, "log.json"), `${JSON.stringify(state, undefined, 2)}\n`);
}
