import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { FedbusError, isFedbusError } from "../../../schemas/errors.js";
import { FolderBlobs } from "../../blobs/folder-blobs.js";
import { isDiskFull } from "../../storage/database.js";
import { currentOwner, isAlive } from "../../storage/owner.js";
import { damagedTable } from "../../storage/table-check.js";
import { DiskSpace } from "./disk-space.js";
import { HeadWitness } from "./head-witness.js";
import { dropKeptWrites, keepWrites } from "./kept-writes.js";
import type { LevelLogOptions } from "./level-options.js";
import { createLogFile, LogFile, type LogFileState, logFormat } from "./log-file.js";
import { hasRemains, Storage } from "./storage.js";
import type { Tail } from "./tail.js";

/** Tables whose indexes are looked at when a log is opened that was closed: some 80 ms. */
const tablesChecked = 1_024;

/** Tables whose data is looked at after a second crash in a row, and others after each further one. */
const dataTablesChecked = 4;
/** Bytes in them at most; LevelDB ends a table at 2 MiB. */
const dataBytesChecked = 8 * 1024 * 1024;
/** A crash this long after the opening has nothing to do with the one before. */
const crashedSoonMs = 600_000;

/** The folder of a log's blobs. */
export const blobsFolder = "blobs";

/** Everything that an open log holds on to. */
export interface OpenedLog {
  readonly dir: string;
  readonly file: LogFile;
  readonly witness: HeadWitness;
  readonly disk: DiskSpace;
  readonly storage: Storage;
  readonly tail: Tail;
  readonly blobs: FolderBlobs;
}

/**
 * Opens the log in `dir`, or makes one. On failure everything is closed again.
 *
 * The order is what keeps data safe. `log.json` comes first, marked as being made, and only under
 * that mark may LevelDB create databases: it creates over the remains of one, deleting them. The
 * databases' locks come before `log.json` is taken over, so that of two openers one is refused
 * before it has written anything.
 */
export async function openLog(dir: string, options: Required<LevelLogOptions>): Promise<OpenedLog> {
  const disk = new DiskSpace(dir, options);
  try {
    return await attempt(dir, options, disk);
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    // LevelDB needs room to replay its last writes: that is what the ballast is for.
    if (await disk.dropBallast()) return attempt(dir, options, disk);
    if (isFedbusError(error)) throw error;
    throw new FedbusError("LOG_DISK_LOW", "the disk is too full to open the log", { cause: error });
  }
}

async function attempt(
  dir: string,
  options: Required<LevelLogOptions>,
  disk: DiskSpace,
): Promise<OpenedLog> {
  await findOrCreate(dir, options);
  const before = await readUnowned(dir);
  const crashes = crashesBefore(before, options.clock());
  await refuseDamage(dir, crashes);
  await keepWrites(dir);
  const storage = await Storage.open(dir, before, options.logger);
  let witness: HeadWitness | undefined;
  let file: LogFile | undefined;
  try {
    const state = await readUnowned(dir);
    witness = HeadWitness.open(dir);
    const tail = await storage.checkTail(state, witness.read());
    refuseLoss(tail, options);
    await dropKeptWrites(dir);
    file = await takeOver(dir, state, { tail, crashes }, options);
    witness.write(tail);
    await storage.catchUp(file.state, tail, options.logger);
    const blobs = await FolderBlobs.open(join(dir, blobsFolder), {
      checkRoom: (bytes) => disk.check(bytes),
    });
    return { dir, file, witness, disk, storage, tail, blobs };
  } catch (error) {
    await file?.update({ owner: undefined }).catch(() => {});
    witness?.close();
    await storage.close();
    throw error;
  }
}

async function findOrCreate(dir: string, options: Required<LevelLogOptions>): Promise<void> {
  if ((await LogFile.read(dir)) !== undefined) return;
  if (await hasRemains(dir))
    throw new FedbusError("LOG_CORRUPT", "log.json is missing; run `fedbus log repair`");
  if (!options.create) throw new FedbusError("LOG_NOT_FOUND", `there is no log in ${dir}`);
  await mkdir(dir, { recursive: true });
  await createLogFile(dir, newLogState(randomUUID(), options.clock()));
}

/** What `log.json` says of a log that has no database yet. */
export function newLogState(logId: string, now: number): LogFileState {
  return {
    format: logFormat,
    logId,
    epoch: now,
    created: new Date(now).toISOString(),
    creating: true,
    base: { first: 0, hash: "00".repeat(32), epoch: 0 },
    horizons: [],
    lost: [],
  };
}

/** Rejects with LOG_IN_USE if the owner that the file names still runs. */
async function readUnowned(dir: string): Promise<LogFileState> {
  const state = await LogFile.read(dir);
  if (state === undefined) throw new FedbusError("LOG_NOT_FOUND", `there is no log in ${dir}`);
  if (state.owner !== undefined && (await isAlive(state.owner)))
    throw new FedbusError("LOG_IN_USE", `process ${state.owner.pid} has the log open`, {
      details: { pid: state.owner.pid },
    });
  return state;
}

/** Ends in a row that were not clean, soon after an opening. One after a long time is the first. */
function crashesBefore({ owner, crashes = 0, epoch }: LogFileState, now: number): number {
  if (owner === undefined) return 0;
  return now - epoch < crashedSoonMs ? crashes + 1 : 1;
}

/**
 * LevelDB ends the process when it meets some damage. Whoever was ended so finds out here why: after
 * an end that was not clean all tables are looked at, else the newest, so that opening stays fast. Of
 * their data, which ends a process but rarely, a few tables after a second crash, and the next few after each
 * further one: a loop of them comes to an end, and no opening waits long.
 */
async function refuseDamage(dir: string, crashes: number): Promise<void> {
  const check =
    crashes === 0
      ? { dataBytesMax: 0, tablesMax: tablesChecked }
      : {
          dataBytesMax: crashes === 1 ? 0 : dataBytesChecked,
          tablesSkipped: Math.max(0, crashes - 2) * dataTablesChecked,
        };
  const path = await damagedTable(join(dir, "blocks"), check);
  if (path !== undefined)
    throw new FedbusError("LOG_CORRUPT", `${path} is damaged; run \`fedbus log repair\``, {
      details: { path },
    });
}

/** A person must have accepted that acknowledged events are gone: it is never passed over. */
function refuseLoss(tail: Tail, options: Required<LevelLogOptions>): void {
  const [first] = tail.lost;
  if (first === undefined) return;
  const details = { from: first.from, to: tail.lost.at(-1)!.to, lost: tail.lost };
  if (!options.acceptLoss)
    throw new FedbusError(
      "LOG_CORRUPT",
      `acknowledged events are lost, from offset ${first.from}; run \`fedbus log repair\``,
      { details },
    );
  options.logger.error(details, "opening a log that has lost acknowledged events");
}

/** Durably makes this process the owner, under a new epoch. */
async function takeOver(
  dir: string,
  state: LogFileState,
  { tail, crashes }: { readonly tail: Tail; readonly crashes: number },
  options: Required<LevelLogOptions>,
): Promise<LogFile> {
  const file = new LogFile(dir, state);
  await file.update({
    // The clock makes it new even where an older log.json was restored from a backup.
    epoch: Math.max(state.epoch + 1, options.clock()),
    owner: await currentOwner(),
    crashes: crashes === 0 ? undefined : crashes,
    creating: false,
    lost: [...state.lost, ...tail.lost],
  });
  return file;
}
