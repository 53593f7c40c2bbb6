import type { TopicFilter } from "../../../schemas/topic-filter.js";
import type { PageRequest } from "../page-request.js";
import { IndexDamaged } from "./index-values.js";
import type { LogIndex } from "./log-index.js";
import type { ReadStep } from "./read-step.js";
import type { Storage } from "./storage.js";
import type { TopicEntry } from "./topic-table.js";

/** With more matching topics than this, blocks are read one after another instead. */
const topicsMax = 64;
/** Entries looked up at once, all topics together. */
const entriesMax = 256;

/**
 * The topics to look up, or undefined if reading block by block is better: when there are many, or
 * when they have a quarter of all events, so that nearly every block holds one.
 */
export function worthIndex(filter: TopicFilter, index: LogIndex): readonly string[] | undefined {
  const topics = index.topics.matching(filter);
  if (topics.length > topicsMax) return undefined;
  return index.topics.sumOf(topics).count * 4 > index.meta.events ? undefined : topics;
}

/** Walks only the blocks that hold events of `topics`, found in the index. */
export async function* topicBlocks(
  request: PageRequest,
  storage: Storage,
  topics: readonly string[],
  head: number,
): AsyncGenerator<ReadStep, void, undefined> {
  const { from, to, descending } = request;
  let low = (await storage.index.blocks.before(from))?.firstOffset ?? from;
  let high = to;
  for (;;) {
    const found = await lookUp(storage.index, topics, { from: low, to: high }, descending);
    for await (const block of storage.blocks.at(found.starts, head))
      yield {
        block,
        next: descending
          ? Math.max(block.firstOffset, from)
          : Math.max(from, Math.min(block.nextOffset, to)),
      };
    if (found.more === undefined) break;
    if (descending) high = found.more;
    else low = found.more;
  }
  yield { next: descending ? from : to };
}

/**
 * Where the blocks start that hold events of `topics`, in reading order. `more` is set if there
 * may be more: the place to look up from.
 */
async function lookUp(
  index: LogIndex,
  topics: readonly string[],
  range: { readonly from: number; readonly to: number },
  descending: boolean,
): Promise<{ readonly starts: readonly number[]; readonly more?: number }> {
  const limit = Math.max(4, Math.floor(entriesMax / Math.max(1, topics.length)));
  const starts = new Set<number>();
  let edge: number | undefined;
  for (const topic of topics) {
    const entries = await index.topics.entries(topic, range, { reverse: descending, limit });
    const oldest = descending ? entries.at(-1) : entries[0];
    await checkFollows(index, topic, descending ? (oldest?.start ?? 0) : range.from, oldest);
    for (const { start } of entries) starts.add(start);
    if (entries.length < limit) continue;
    const last = entries.at(-1)!.start;
    edge = edge === undefined || (descending ? last > edge : last < edge) ? last : edge;
  }
  const sorted = [...starts].sort((a, b) => (descending ? b - a : a - b));
  if (edge === undefined) return { starts: sorted };
  const end = edge;
  const within = sorted.filter((start) => (descending ? start >= end : start <= end));
  return { starts: within, more: descending ? end : end + 1 };
}

/** An entry lost from the index would be an event silently left out: what is there must join up. */
async function checkFollows(
  index: LogIndex,
  topic: string,
  from: number,
  next: TopicEntry | undefined,
): Promise<void> {
  if (await index.topics.follows(topic, from, next)) return;
  const again = await index.enqueue(async () => {
    const range = { from, to: Number.MAX_SAFE_INTEGER };
    const [first] = await index.topics.entries(topic, range, { limit: 1 });
    return index.topics.follows(topic, from, first);
  });
  if (!again) throw new IndexDamaged("a topic's entries do not follow on");
}
