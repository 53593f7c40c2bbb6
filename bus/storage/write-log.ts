import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32c, masked } from "./crc32c.js";

/**
 * LevelDB's logs: the manifest, and the write-ahead log.
 *
 * ```
 * log       frames of 32 KiB: fragments of records, zeros where no header has room
 * fragment  masked CRC-32C of type and bytes (u32), length (u16), type (1 whole, 2 first, 3 middle, 4 last)
 * ```
 */
const frameBytes = 32 * 1024;
const headerBytes = 7;

interface Fragment {
  readonly type: number;
  readonly bytes: Buffer;
  readonly end: number;
}

/** The fragment at `at`; undefined if none is there, or a damaged one. */
function fragmentAt(log: Buffer, at: number): Fragment | undefined {
  const frameEnd = at - (at % frameBytes) + frameBytes;
  if (at + headerBytes > Math.min(frameEnd, log.length)) return undefined;
  const type = log[at + 6]!;
  const end = at + headerBytes + log.readUInt16LE(at + 4);
  if (type < 1 || type > 4 || end > Math.min(frameEnd, log.length)) return undefined;
  if (masked(crc32c(log.subarray(at + 6, end))) !== log.readUInt32LE(at)) return undefined;
  return { type, bytes: log.subarray(at + headerBytes, end), end };
}

/** Where the next fragment begins: not in the zeros at a frame's end. */
function placeOf(at: number): number {
  const left = frameBytes - (at % frameBytes);
  return left < headerBytes ? at + left : at;
}

/** The records up to the log's end, or to the first fragment that is none. */
export function* recordsIn(log: Buffer): Generator<Buffer> {
  let parts: Buffer[] = [];
  let found = fragmentAt(log, 0);
  for (; found !== undefined; found = fragmentAt(log, placeOf(found.end))) {
    if (found.type <= 2) parts = [];
    parts.push(found.bytes);
    if (found.type === 1 || found.type === 4) yield Buffer.concat(parts);
  }
}

/**
 * The write-ahead log of the database in `dir` that is damaged before its end; undefined if none is.
 * LevelDB drops what it cannot read there, goes on behind it, and says nothing. What was written last
 * and is not whole is no damage: a power loss leaves it so. `isSynced` tells of a write, by how it begins,
 * whether all before it was on disk when it ended. Default: each was synced before the next began.
 */
export function damagedWrites(
  dir: string,
  isSynced: (record: Buffer) => boolean = () => true,
): string | undefined {
  const names = readdirSync(dir).filter((name) => /^\d+\.log$/.test(name));
  const paths = names.map((name) => join(dir, name));
  return paths.find((path) => isDamaged(contentOf(path), isSynced));
}

/** Empty once another process, which has the database open, needs the file no more. */
function contentOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return Buffer.alloc(0);
    throw error;
  }
}

/** Whether a write's first operation is a put: they stand behind a sequence (u64) and their number (u32). */
export function beginsWithPut(record: Buffer): boolean {
  return record[12] === 1;
}

function isDamaged(log: Buffer, isSynced: (record: Buffer) => boolean): boolean {
  let end = 0;
  let found = fragmentAt(log, 0);
  for (; found !== undefined; found = fragmentAt(log, placeOf(end))) end = found.end;
  for (let at = end + 1; at + headerBytes <= log.length; at++) {
    const later = fragmentAt(log, at);
    // Only a write's beginning: its pages reach the disk in any order.
    if (later !== undefined && later.type <= 2 && isSynced(later.bytes)) return true;
  }
  return false;
}
