import { createHash } from "node:crypto";
import { buriedTable, entryParts, entryRange, timerRange } from "./keys.js";
import type { StateStore } from "./state-store.js";
import { decodeEntry, unseal } from "./values.js";

/** What a hash is over, and what it is. */
export interface StateHash {
  readonly entries: number;
  readonly timers: number;
  /** SHA-256, hex. */
  readonly sha256: string;
}

/**
 * SHA-256 over a store's committed tables, the runtime's own among them, and timers, in key order.
 * Entries that have expired at `now` (the log's time, ms) do not count, since nobody can say when they
 * are swept out.
 */
export async function hashState(store: StateStore, now: number): Promise<StateHash> {
  const hash = createHash("sha256");
  let entries = 0;
  for await (const step of store.steps(entryRange))
    for (const [key, bytes] of step) {
      const text = unseal(key, bytes);
      const { expires } = decodeEntry(text);
      if (expires !== 0 && expires <= now) continue;
      entries++;
      hash.update(`${key.length}:`).update(key).update(`${text.length}:`).update(text);
    }
  let timers = 0;
  for await (const step of store.steps(timerRange))
    for (const [key] of step) {
      timers++;
      hash.update(`${key.length}:`).update(key);
    }
  return { entries, timers, sha256: hash.digest("hex") };
}

/** One entry of a store, whichever process's key group it belongs to. */
export interface StoredEntry {
  readonly group: number;
  readonly table: string;
  readonly key: string;
  readonly value: unknown;
  /** The log's time from which on it is gone, ms; absent if it stays. */
  readonly expires?: number;
}

/** All committed entries of the plugin's tables, in key order. */
export async function* entriesOf(store: StateStore): AsyncGenerator<StoredEntry> {
  for await (const entry of entriesIn(store, entryRange))
    if (entry.table !== buriedTable) yield entry;
}

/** The committed entries of a range of keys, in key order. */
export async function* entriesIn(
  store: StateStore,
  range: { readonly gte: Buffer; readonly lt: Buffer },
): AsyncGenerator<StoredEntry> {
  for await (const step of store.steps(range))
    for (const [name, bytes] of step) {
      const { value, expires } = decodeEntry(unseal(name, bytes));
      yield { ...entryParts(name), value, ...(expires !== 0 && { expires }) };
    }
}
