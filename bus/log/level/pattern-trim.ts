import type { TopicFilter } from "../../../schemas/topic-filter.js";
import { Block } from "../../block/block.js";
import { trimEvents } from "../../block/reduce.js";
import type { Operation } from "../../storage/database.js";
import { FrontCut, type TrimLimits, type TrimPiece } from "../front-cut.js";
import { keptOf } from "../memory-retention.js";
import { tally } from "../topic-tally.js";
import type { BlockEntry } from "./block-table.js";
import type { Committer } from "./committer.js";
import { IndexDamaged } from "./index-values.js";
import type { LogCore } from "./log-core.js";
import type { LogIndex } from "./log-index.js";
import type { Storage } from "./storage.js";
import { tryDecode } from "./stored-block.js";
import { putEntry, removeEntry } from "./topic-table.js";

/** Blocks looked at together, and blocks rewritten by one write. */
const windowBlocks = 1_024;
const rewriteBlocks = 16;

/** What to call between two pieces of work. */
export interface TrimSteps {
  /** Throws if the work is to end. */
  readonly step: () => void;
  /** Told of the offsets that are done with, of those to go over. */
  readonly tell: (done: number, total: number) => void;
}

/** What to take out, and down to what. */
interface PatternTrim extends TrimSteps {
  readonly filter: TopicFilter;
  readonly limits: TrimLimits;
}

/**
 * Takes the events out that the filter matches and the limits do not keep; how many. The horizon is
 * durable before the first block is rewritten. A rewritten block keeps its original hash, so the
 * chain still holds.
 */
export async function trimPattern(
  core: LogCore,
  storage: Storage,
  committer: Committer,
  trim: PatternTrim,
): Promise<number> {
  const { filter, tell } = trim;
  const topics = storage.index.topics.matching(filter);
  const horizon = await findHorizon(core, storage, topics, trim);
  if (horizon <= core.first) return 0;
  core.horizons.raise({ pattern: filter.key, first: horizon });
  await core.opened.file.update({ horizons: core.horizons.list() });
  core.scans.clear();
  core.watch.notify();
  const told = { ...trim, tell: (at: number) => tell(at - core.first, horizon - core.first) };
  const removed = await rewriteAll(
    windows(core, storage, topics, horizon),
    storage,
    told,
    (starts) =>
      committer.change(storage, () =>
        storage.index.enqueue(() => rewrite(core, storage, starts, { filter, horizon })),
      ),
  );
  await storage.blocks.compact(core.first, horizon);
  return removed;
}

/** A crash, or a failure, while blocks and index differ leaves the index condemned. */
async function rewriteAll(
  found: AsyncIterable<readonly TrimPiece[]>,
  { index }: Storage,
  { step, tell }: { readonly step: () => void; readonly tell: (at: number) => void },
  rewriteSome: (starts: readonly number[]) => Promise<number>,
): Promise<number> {
  await index.condemn();
  let removed = 0;
  let differ = false;
  try {
    for await (const pieces of found) {
      for (let at = 0; at < pieces.length; at += rewriteBlocks) {
        step();
        const starts = pieces.slice(at, at + rewriteBlocks).map((piece) => piece.firstOffset);
        differ = true;
        removed += await rewriteSome(starts);
        differ = false;
        tell(starts.at(-1)!);
      }
    }
  } finally {
    if (!differ) await index.enqueue(() => index.write([], { rewriting: false }));
  }
  return removed;
}

/** Up to where the events that the filter matches may go. `topics`: those of the log that match. */
export async function findHorizon(
  core: LogCore,
  storage: Storage,
  topics: readonly string[],
  { limits, step }: Pick<PatternTrim, "limits" | "step">,
): Promise<number> {
  const cut = new FrontCut(limits, storage.index.topics.sumOf(topics));
  const exact = Math.min(cut.exact, core.head);
  for await (const pieces of windows(core, storage, topics, core.head)) {
    step();
    for (const piece of pieces) if (!cut.take(piece)) return Math.max(cut.offset, exact);
  }
  return Math.max(cut.offset, exact);
}

/** The blocks before `end` that hold events of `topics`, with what they hold of them. */
async function* windows(
  core: LogCore,
  { index }: Storage,
  topics: readonly string[],
  wantedEnd: number,
): AsyncGenerator<TrimPiece[], void, undefined> {
  let from = core.first;
  // What is committed meanwhile is not in the index yet, and not wanted.
  const end = Math.min(wantedEnd, index.meta.applied);
  while (from < end) {
    const blocks = new Map<number, BlockEntry>();
    for await (const entry of index.blocks.joined(from, windowBlocks))
      if (entry.firstOffset < end) blocks.set(entry.firstOffset, entry);
    const last = [...blocks.values()].at(-1);
    if (last === undefined) return index.blocks.checkGap(from, end);
    yield await piecesOf(index, topics, blocks, { from, to: last.firstOffset + 1 });
    from = last.nextOffset;
  }
}

async function piecesOf(
  index: LogIndex,
  topics: readonly string[],
  blocks: ReadonlyMap<number, BlockEntry>,
  range: { readonly from: number; readonly to: number },
): Promise<TrimPiece[]> {
  const held = new Map<number, { count: number; bytes: number }>();
  for (const topic of topics) {
    const entries = await index.topicEntries(topic, range, { limit: windowBlocks });
    for (const { start, count, bytes } of entries) {
      const sum = held.get(start) ?? { count: 0, bytes: 0 };
      held.set(start, { count: sum.count + count, bytes: sum.bytes + bytes });
    }
  }
  const pieces: TrimPiece[] = [];
  for (const [start, block] of blocks) {
    const sum = held.get(start);
    if (sum !== undefined) pieces.push({ ...block, ...sum });
  }
  return pieces;
}

/** Rewrites the blocks at `starts` and what the index says of them. Damaged ones stay as they are. */
async function rewrite(
  core: LogCore,
  { blocks, index }: Storage,
  starts: readonly number[],
  { filter, horizon }: { readonly filter: TopicFilter; readonly horizon: number },
): Promise<number> {
  const pairs: [Block, Block][] = [];
  for (const start of starts) {
    const bytes = await blocks.raw(start);
    const block = bytes === undefined ? "" : tryDecode(start, bytes);
    if (!(block instanceof Block)) continue;
    const kept = keptOf(block, filter, horizon);
    if (kept.length < block.count) pairs.push([block, trimEvents(block, kept)]);
  }
  if (pairs.length === 0) return 0;
  await blocks.commit(pairs.map(([, after]) => after));
  return updateIndex(core, index, pairs);
}

async function updateIndex(
  core: LogCore,
  index: LogIndex,
  pairs: readonly [Block, Block][],
): Promise<number> {
  const operations: Operation[] = [];
  const touched = new Set<string>();
  let { events, bytes } = index.meta;
  let removed = 0;
  for (const [before, after] of pairs) {
    operations.push(index.blocks.put(after), ...(await takeEntries(index, before, after, touched)));
    core.recent.replace(after);
    removed += before.count - after.count;
    bytes += after.bytes.length - before.bytes.length;
  }
  events -= removed;
  await index.write([...operations, ...index.topics.putTotals(touched)], { events, bytes });
  return removed;
}

/** The writes for topics that have fewer events in `after` than they had in `before`. */
async function takeEntries(
  index: LogIndex,
  before: Block,
  after: Block,
  touched: Set<string>,
): Promise<Operation[]> {
  const { topics } = index;
  const start = before.firstOffset;
  const left = tally(after);
  const operations: Operation[] = [];
  for (const [topic, had] of tally(before)) {
    const has = left.get(topic);
    if (has?.count === had.count) continue;
    const removed = { count: had.count - (has?.count ?? 0), bytes: had.bytes - (has?.bytes ?? 0) };
    const [entry] = await topics.entries(topic, { from: start, to: start + 1 }, { limit: 1 });
    if (entry === undefined) throw new IndexDamaged("a topic's entry is missing");
    const first = has?.firstOffset ?? (await topics.firstAfter(topic, entry));
    topics.take(topic, removed, first);
    touched.add(topic);
    if (has === undefined) operations.push(removeEntry(topic, start));
    else operations.push(putEntry(topic, { ...has, start, before: entry.before + removed.count }));
  }
  return operations;
}
