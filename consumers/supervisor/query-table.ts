import { readCheckpoint } from "../runner/checkpoint.js";
import { entriesIn } from "../store/inspect.js";
import { groupOf, keyGroups } from "../store/key-group.js";
import { entryKey, entryPrefix } from "../store/keys.js";
import type { StateStore } from "../store/state-store.js";
import type { TableQuery } from "./messages.js";

/** An entry of a table, as it is committed. */
export interface TableEntry {
  /** The key group that it was put in. */
  readonly group: number;
  readonly key: string;
  readonly value: unknown;
  /** The log's time from which on it is gone, ms; absent if it stays. */
  readonly expires?: number;
}

/** Entries that one query gives, at most, whatever its `limit`. */
export const queryEntriesMax = 10_000;

/** A store, and the log's time that it has come to: what expired before is gone for the consumer, swept out or not. */
interface Moment {
  readonly store: StateStore;
  readonly now: number;
}

/**
 * Committed entries of a table, of all key groups, in the order of their keys' bytes, as the consumer would see
 * them. `key` alone is looked up in the group that it would have itself, and if it is not there in the others.
 */
export async function queryTable(store: StateStore, query: TableQuery): Promise<TableEntry[]> {
  const { table, key, limit = queryEntriesMax } = query;
  const moment = { store, now: (await readCheckpoint(store))?.time ?? 0 };
  if (key === undefined)
    return await take(entriesOf(moment, query), Math.min(limit, queryEntriesMax));
  const own = groupOf(key);
  const others = Array.from({ length: keyGroups }, (_, group) => group).filter((g) => g !== own);
  for (const group of [own, ...others]) {
    const gte = entryKey(entryPrefix(group, table) + key);
    const range = { gte, lt: Buffer.concat([gte, Buffer.from([0])]) };
    const [found] = await take(scan(moment, range), 1);
    if (found !== undefined) return [found];
  }
  return [];
}

function entriesOf(moment: Moment, query: TableQuery): AsyncGenerator<TableEntry> {
  const groups = Array.from({ length: keyGroups }, (_, group) =>
    entriesOfGroup(moment, group, query),
  );
  return merged(groups);
}

function entriesOfGroup(
  moment: Moment,
  group: number,
  { table, prefix = "" }: TableQuery,
): AsyncGenerator<TableEntry> {
  const from = entryKey(entryPrefix(group, table) + prefix);
  return scan(moment, { gte: from, lt: Buffer.concat([from, Buffer.from([0xff])]) });
}

/** The next entry of a sequence, with its key's bytes, which are what is compared. */
interface Head {
  readonly entry: TableEntry;
  readonly bytes: Buffer;
}

async function headOf(sequence: AsyncGenerator<TableEntry>): Promise<Head | undefined> {
  const { done, value } = await sequence.next();
  return done === true ? undefined : { entry: value, bytes: Buffer.from(value.key) };
}

/** Sorted sequences as one. */
async function* merged(
  sequences: readonly AsyncGenerator<TableEntry>[],
): AsyncGenerator<TableEntry> {
  try {
    const heads = await Promise.all(sequences.map(headOf));
    for (;;) {
      let least: Head | undefined;
      for (const head of heads)
        if (
          head !== undefined &&
          (least === undefined || Buffer.compare(head.bytes, least.bytes) < 0)
        )
          least = head;
      if (least === undefined) return;
      yield least.entry;
      const index = heads.indexOf(least);
      heads[index] = await headOf(sequences[index]!);
    }
  } finally {
    for (const sequence of sequences) await sequence.return(undefined);
  }
}

function byKey(a: TableEntry, b: TableEntry): number {
  return Buffer.compare(Buffer.from(a.key), Buffer.from(b.key));
}

async function* scan(
  { store, now }: Moment,
  range: { readonly gte: Buffer; readonly lt: Buffer },
): AsyncGenerator<TableEntry> {
  for await (const { table: _, ...entry } of entriesIn(store, range))
    if (entry.expires === undefined || entry.expires > now) yield entry;
}

async function take<T>(items: AsyncIterable<T>, count: number): Promise<T[]> {
  const taken: T[] = [];
  if (count <= 0) return taken;
  for await (const item of items) {
    taken.push(item);
    if (taken.length >= count) break;
  }
  return taken;
}

/** Entries of several partitions as one list, by key. */
export function mergeEntries(
  found: readonly (readonly TableEntry[])[],
  limit: number,
): TableEntry[] {
  return found.flat().sort(byKey).slice(0, limit);
}
