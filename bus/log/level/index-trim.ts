import type { Operation } from "./database.js";
import type { LogIndex } from "./log-index.js";
import { removeEntry } from "./topic-table.js";

/** Entries taken out by one write. Appends' own index writes come between. */
const sliceEntries = 1_024;

/**
 * Takes everything that is about blocks before `cut` out of the index. Every slice is one atomic
 * write, totals included, so it can be cut off anywhere and done again.
 */
export async function forgetBefore(
  index: LogIndex,
  cut: number,
  step: () => void = () => {},
): Promise<void> {
  for (const topic of index.topics.olderThan(cut))
    while (await index.enqueue(() => forgetTopicSlice(index, topic, cut))) step();
  while (await index.enqueue(() => forgetBlockSlice(index, cut))) step();
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
  topics.take(topic, removed, await topics.firstFrom(topic, last.start + 1));
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
  await index.write(operations, { blocks, events, bytes });
  return operations.length === sliceEntries;
}
