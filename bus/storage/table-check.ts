import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import { liveTables } from "./live-tables.js";
import { isWhole } from "./table-file.js";
import { damagedWrites } from "./write-log.js";

/** Where index and filter of a table lie, most of the time: one read. */
const tailBytes = 16 * 1024;

export interface TableCheck {
  /** Bytes of data that are looked at. */
  readonly dataBytesMax: number;
  /** Tables that are looked at, the newest. Default: all. */
  readonly tablesMax?: number;
  /** Tables whose data comes last instead of first, from the newest on. Default: 0. */
  readonly tablesSkipped?: number;
}

/**
 * The first table of the database in `dir` that is damaged; undefined if none is found. The index and the
 * filter of each are looked at, and some of the data. To be asked before LevelDB opens
 * it: on some damage, LevelDB ends the process (`Assertion ... failed`) when it opens, reads or repairs.
 */
export async function damagedTable(
  dir: string,
  { dataBytesMax, tablesMax = Number.POSITIVE_INFINITY, tablesSkipped = 0 }: TableCheck,
): Promise<string | undefined> {
  let left = dataBytesMax;
  const newestFirst = (liveTables(dir) ?? []).slice(-tablesMax).reverse();
  const first = newestFirst.length === 0 ? 0 : tablesSkipped % newestFirst.length;
  for (const path of [...newestFirst.slice(first), ...newestFirst.slice(0, first)]) {
    const bytes = checkTable(path, left);
    if (bytes === "damaged") return path;
    left -= bytes;
    await turn();
  }
  return undefined;
}

/**
 * The first file of the database in `dir` that is damaged, tables and write-ahead log. For those who
 * cannot tell by what they read that something is missing.
 */
export async function damagedFile(
  dir: string,
  { isSynced, ...check }: TableCheck & { readonly isSynced?: (record: Buffer) => boolean },
): Promise<string | undefined> {
  return (await damagedTable(dir, check)) ?? damagedWrites(dir, isSynced);
}

/** Bytes that were read. Data is looked at if it is no more than `dataBytesMax`. */
function checkTable(path: string, dataBytesMax: number): number | "damaged" {
  const fd = openOr(path);
  // Another process has the database open, and needs the table no more.
  if (fd === undefined) return 0;
  try {
    const { size } = fstatSync(fd);
    const withData = size <= dataBytesMax;
    const start = withData ? 0 : Math.max(0, size - tailBytes);
    const tail = readAt(fd, start, size - start);
    const read = (offset: number, length: number): Buffer =>
      offset >= start
        ? tail.subarray(offset - start, offset - start + length)
        : readAt(fd, offset, Math.min(length, size - offset));
    return isWhole(size, read, withData) ? tail.length : "damaged";
  } finally {
    closeSync(fd);
  }
}

function openOr(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function readAt(fd: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(Math.max(0, length));
  return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, offset));
}

/** Whether anything in the file is damaged. */
export function isDamaged(path: string): boolean {
  return checkTable(path, Number.POSITIVE_INFINITY) === "damaged";
}
