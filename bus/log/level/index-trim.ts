import type { Operation } from "../../storage/database.js";
import { isPast, passingPrefix } from "../producers.js";
import type { LogIndex } from "./log-index.js";
import { removeEntry } from "./topic-table.js";

/** Entries taken out by one write. Appends' own index writes come between. */
const sliceEntries = 1_024;

/** Producers looked at together: the answers of each are read. */
const sliceProducers = 64;

/**
 * Takes everything that is about blocks before `cut` out of the index, and the producers of one life
 * that have nothing left in a log that was opened under `logEpoch`. Every slice is one atomic
 * write, totals included, so it can be cut off anywhere and done again.
 */
export async function forgetBefore(
  index: LogIndex,
  { cut, logEpoch }: { readonly cut: number; readonly logEpoch: number },
  step: () => void,
): Promise<void> {
  for (const topic of index.topics.olderThan(cut))
    while (await index.enqueue(() => forgetTopicSlice(index, topic, cut))) step();
  while (await index.enqueue(() => forgetBlockSlice(index, cut))) step();
  for (let after: string | undefined = ""; after !== undefined; step()) {
    const from: string = after;
    after = await index.enqueue(() => forgetProducerSlice(index, from, { cut, logEpoch }));
  }
}

/** Whether there is more. */
async function forgetTopicSlice(index: LogIndex, topic: string, cut: number): Promise<boolean> {
  const { topics } = index;
  const range = { from: 0, to: cut };
  const entries = await topics.entries(topic, range, { limit: sliceEntries });
  const last = entries.at(-1);
  if (last === undefined) return false;
  const removed = { count: 0, bytes: 0 };
  for (const { count, bytes } of entries) {
    removed.count += count;
    removed.bytes += bytes;
  }
  topics.take(topic, removed, await topics.firstAfter(topic, last));
  const operations = entries.map(({ start }) => removeEntry(topic, start));
  await index.write([...operations, ...topics.putTotals([topic])], {});
  return entries.length === sliceEntries;
}

async function forgetBlockSlice(index: LogIndex, cut: number): Promise<boolean> {
  const operations: Operation[] = [];
  let { blocks, events, bytes } = index.meta;
  for await (const entry of index.blocks.ascending(0, sliceEntries)) {
    if (entry.firstOffset >= cut) break;
    operations.push(index.blocks.remove(entry.firstOffset));
    blocks -= 1;
    events -= entry.count;
    bytes -= entry.bytes;
  }
  if (operations.length === 0) return false;
  const gaps = index.meta.gaps.filter(({ to }) => to > cut);
  await index.write(operations, { blocks, events, bytes, gaps });
  return operations.length === sliceEntries;
}

/** The last id looked at; undefined if there are no more. */
async function forgetProducerSlice(
  index: LogIndex,
  after: string,
  { cut, logEpoch }: { readonly cut: number; readonly logEpoch: number },
): Promise<string | undefined> {
  const { producers } = index;
  const operations: Operation[] = [];
  const ids = await producers.ids(passingPrefix, after, sliceProducers);
  for (const id of ids) {
    const state = await producers.peek(id);
    if (state !== undefined && isPast(state, cut, logEpoch))
      operations.push(...producers.remove(state));
  }
  if (operations.length > 0) await index.write(operations, {});
  return ids.at(-1);
}
