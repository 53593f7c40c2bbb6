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

/**
 * Committed entries of a table, of all key groups: first by group, then by key. `key` alone is
 * looked up in the group that it would have itself, and if it is not there in the others.
 */
export async function queryTable(store: StateStore, query: TableQuery): Promise<TableEntry[]> {
  const { table, key, limit = queryEntriesMax } = query;
  if (key === undefined)
    return await take(entriesOf(store, query), Math.min(limit, queryEntriesMax));
  const own = groupOf(key);
  const others = Array.from({ length: keyGroups }, (_, group) => group).filter((g) => g !== own);
  for (const group of [own, ...others]) {
    const gte = entryKey(entryPrefix(group, table) + key);
    const range = { gte, lt: Buffer.concat([gte, Buffer.from([0])]) };
    const [found] = await take(scan(store, range), 1);
    if (found !== undefined) return [found];
  }
  return [];
}

async function* entriesOf(store: StateStore, query: TableQuery): AsyncGenerator<TableEntry> {
  const { table, prefix = "", gte, lt } = query;
  for (let group = 0; group < keyGroups; group++) {
    const start = entryPrefix(group, table);
    const from = entryKey(start + prefix);
    const range = { gte: from, lt: Buffer.concat([from, Buffer.from([0xff])]) };
    for await (const entry of scan(store, range)) {
      if (gte !== undefined && entry.key < gte) continue;
      if (lt !== undefined && entry.key >= lt) continue;
      yield entry;
    }
  }
}

async function* scan(
  store: StateStore,
  range: { readonly gte: Buffer; readonly lt: Buffer },
): AsyncGenerator<TableEntry> {
  for await (const { table: _, ...entry } of entriesIn(store, range)) yield entry;
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
  const order = (a: TableEntry, b: TableEntry) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
  return found.flat().sort(order).slice(0, limit);
}
