import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32c, masked } from "./crc32c.js";
import { VarintReader } from "./varint.js";

const frameBytes = 32 * 1024;
const headerBytes = 7;

/**
 * The tables that the database in `dir` is made of, by its manifest; what a crash has left half written
 * is not among them. Undefined if that cannot be read: LevelDB says so when it opens.
 *
 * ```
 * manifest  frames of 32 KiB: fragments of records, zeros where no header has room
 * fragment  masked CRC-32C of type and bytes (u32), length (u16), type (1 whole, 2 first, 3 middle, 4 last)
 * record    an edit: tags with what belongs to them, all numbers varints
 * ```
 */
export function liveTables(dir: string): string[] | undefined {
  try {
    const manifest = readFileSync(join(dir, "CURRENT"), "utf8").trim();
    const live = new Set<number>();
    for (const record of recordsIn(readFileSync(join(dir, manifest)))) replay(record, live);
    const names = readdirSync(dir).filter((name) => /^\d+\.(?:ldb|sst)$/.test(name));
    return names
      .filter((name) => live.has(Number.parseInt(name, 10)))
      .map((name) => join(dir, name));
  } catch {
    return undefined;
  }
}

function* recordsIn(log: Buffer): Generator<Buffer> {
  let parts: Buffer[] = [];
  for (let at = 0; at + headerBytes <= log.length; ) {
    const left = frameBytes - (at % frameBytes);
    if (left < headerBytes) {
      at += left;
      continue;
    }
    const length = log.readUInt16LE(at + 4);
    const type = log[at + 6]!;
    const end = at + headerBytes + length;
    if (end > log.length) return;
    if (masked(crc32c(log.subarray(at + 6, end))) !== log.readUInt32LE(at))
      throw new RangeError("a record does not match its checksum");
    if (type <= 2) parts = [];
    parts.push(log.subarray(at + headerBytes, end));
    if (type === 1 || type === 4) yield Buffer.concat(parts);
    at = end;
  }
}

/** Adds the files that the edit adds, and takes out those that it removes. */
function replay(record: Buffer, live: Set<number>): void {
  const edit = new VarintReader(record);
  while (edit.left > 0) {
    const tag = edit.number();
    if (tag === 1) edit.text();
    else if (tag === 2 || tag === 3 || tag === 4 || tag === 9) edit.number();
    else if (tag === 5) skipCompactPointer(edit);
    else if (tag === 6) live.delete(fileOf(edit));
    else if (tag === 7) addFile(edit, live);
    else throw new RangeError(`an edit has the tag ${tag}`);
  }
}

function skipCompactPointer(edit: VarintReader): void {
  edit.number();
  edit.text();
}

/** Behind the level. */
function fileOf(edit: VarintReader): number {
  edit.number();
  return edit.number();
}

function addFile(edit: VarintReader, live: Set<number>): void {
  live.add(fileOf(edit));
  edit.number();
  edit.text();
  edit.text();
}
