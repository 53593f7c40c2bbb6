import type { RangeOptions } from "../plugin/table.js";
import type { Entry } from "./entry-cache.js";
import { entryKey } from "./keys.js";
import type { StateStore } from "./state-store.js";
import { decodeEntry, unseal } from "./values.js";

type Found = readonly [key: string, entry: Pick<Entry, "value" | "expires">];

/**
 * The entries whose names start with `prefix`, in the order of their keys' UTF-8 bytes: what is on
 * disk, overlaid with what has changed since. Deleted ones come with the value undefined.
 */
export async function* rangeOf(
  store: StateStore,
  prefix: string,
  options: RangeOptions,
): AsyncGenerator<Found> {
  const { gte, lt } = boundsOf(prefix, options);
  const reverse = options.reverse === true;
  const start = prefix + (options.prefix ?? "");
  const changes = changesIn(store, start, { gte, lt, reverse });
  await store.settled();
  let next = 0;
  for await (const [name, bytes] of eachOf(store.steps({ gte, lt, reverse }))) {
    for (; next < changes.length; next++) {
      const [changed, entry] = changes[next]!;
      const order = Buffer.compare(changed, name) * (reverse ? -1 : 1);
      if (order > 0) break;
      if (order < 0) yield [keyIn(changed, prefix), entry];
    }
    const id = name.toString("utf8", 1);
    const entry = store.held(id) ?? decodeEntry(unseal(name, bytes));
    yield [id.slice(prefix.length), entry];
  }
  for (; next < changes.length; next++) yield [keyIn(changes[next]![0], prefix), changes[next]![1]];
}

interface Bounds {
  gte: Buffer;
  lt: Buffer;
}

function keyIn(name: Buffer, prefix: string): string {
  return name.toString("utf8", 1).slice(prefix.length);
}

function boundsOf(prefix: string, options: RangeOptions): Bounds {
  const start = entryKey(prefix + (options.prefix ?? ""));
  const bounds: Bounds = { gte: start, lt: Buffer.concat([start, Buffer.from([0xff])]) };
  if (options.gte !== undefined) bounds.gte = later(bounds.gte, entryKey(prefix + options.gte));
  if (options.lt !== undefined) {
    const lt = entryKey(prefix + options.lt);
    if (Buffer.compare(lt, bounds.lt) < 0) bounds.lt = lt;
  }
  return bounds;
}

function later(a: Buffer, b: Buffer): Buffer {
  return Buffer.compare(a, b) > 0 ? a : b;
}

/** What has changed since the last commit and may not be on disk, in order. */
function changesIn(
  store: StateStore,
  start: string,
  { gte, lt, reverse }: Bounds & { readonly reverse: boolean },
): readonly (readonly [Buffer, Entry])[] {
  const changes: (readonly [Buffer, Entry])[] = [];
  for (const [id, entry] of store.changes) {
    // There may be many, and few of this table and group: those are told apart without their bytes.
    if (!id.startsWith(start)) continue;
    const key = entryKey(id);
    if (Buffer.compare(gte, key) <= 0 && Buffer.compare(key, lt) < 0) changes.push([key, entry]);
  }
  return changes.sort(([a], [b]) => Buffer.compare(a, b) * (reverse ? -1 : 1));
}

async function* eachOf<T>(steps: AsyncIterable<readonly T[]>): AsyncGenerator<T> {
  for await (const step of steps) yield* step;
}
