import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { VarintReader } from "./varint.js";
import { recordsIn } from "./write-log.js";

/**
 * The tables that the database in `dir` is made of, by its manifest, the oldest first; what a crash has left half written
 * is not among them. Undefined if there is no manifest; one that is damaged is read up to there, and LevelDB
 * says so when it opens.
 *
 * A manifest's records are edits: tags with what belongs to them, all numbers varints.
 */
export function liveTables(dir: string): string[] | undefined {
  try {
    const manifest = readFileSync(join(dir, "CURRENT"), "utf8").trim();
    const live = new Set<number>();
    for (const record of recordsIn(readFileSync(join(dir, manifest)))) replay(record, live);
    const names = readdirSync(dir).filter((name) => /^\d+\.(?:ldb|sst)$/.test(name));
    return names
      .filter((name) => live.has(numberOf(name)))
      .sort((a, b) => numberOf(a) - numberOf(b))
      .map((name) => join(dir, name));
  } catch {
    return undefined;
  }
}

/** From a million on it has more digits, so that names do not sort as numbers. */
function numberOf(name: string): number {
  return Number.parseInt(name, 10);
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
