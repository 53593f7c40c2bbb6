import type { TopicFilter } from "../../../schemas/topic-filter.js";
import type { OffsetRange } from "../offset-ranges.js";
import type { PageRequest } from "../page-request.js";
import type { LogIndex } from "./log-index.js";
import type { ReadStep } from "./read-step.js";
import type { Storage } from "./storage.js";
import { damage } from "./stored-block.js";

type Stretch = Pick<PageRequest, "from" | "to" | "descending">;

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

/**
 * Walks only the blocks that hold events of `topics`, found in the index. Rejects with LOG_CORRUPT
 * where blocks are missing: nobody knows what topics they held.
 */
export async function* topicBlocks(
  request: PageRequest,
  storage: Storage,
  topics: readonly string[],
  head: number,
): AsyncGenerator<ReadStep, void, undefined> {
  const { descending } = request;
  const gap = firstGap(request, storage.index);
  const from = descending && gap !== undefined ? gap.to : request.from;
  const to = descending || gap === undefined ? request.to : gap.from;
  if (from < to) yield* walk({ from, to, descending }, storage, topics, head);
  if (gap !== undefined) throw damage(gap.from, gap.to, "blocks are missing");
}

/** The first gap in reading order, of what lies inside the range. */
function firstGap({ from, to, descending }: Stretch, { meta }: LogIndex): OffsetRange | undefined {
  const inside = meta.gaps.filter((gap) => gap.from < to && gap.to > from);
  const gap = descending ? inside.at(-1) : inside[0];
  return gap && { from: Math.max(gap.from, from), to: Math.min(gap.to, to) };
}

async function* walk(
  { from, to, descending }: Stretch,
  storage: Storage,
  topics: readonly string[],
  head: number,
): AsyncGenerator<ReadStep, void, undefined> {
  let low = (await storage.index.holding(from))?.firstOffset ?? from;
  let high = to;
  for (;;) {
    const found = await lookUp(storage.index, topics, { from: low, to: high }, descending);
    for await (const block of storage.blocks.at(found.starts, { from, head }))
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
  range: OffsetRange,
  descending: boolean,
): Promise<{ readonly starts: readonly number[]; readonly more?: number }> {
  const limit = Math.max(4, Math.floor(entriesMax / Math.max(1, topics.length)));
  const starts = new Set<number>();
  let edge: number | undefined;
  for (const topic of topics) {
    const entries = await index.topicEntries(topic, range, { reverse: descending, limit });
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
