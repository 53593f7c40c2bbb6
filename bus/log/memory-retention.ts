import type { TopicFilter } from "../../schemas/topic-filter.js";
import type { Block } from "../block/block.js";
import { FrontCut, type TrimLimits, type TrimPiece } from "./front-cut.js";
import { tally } from "./topic-tally.js";

/** The offset before which whole blocks may go. */
export function cutOf(blocks: Iterable<Block>, limits: TrimLimits): number {
  const pieces = Array.from(blocks, (block) => pieceOf(block, block.count, block.bytes.length));
  return cutPieces(pieces, limits).offset;
}

/** The offset before which the events that `filter` matches may go. */
export function horizonOf(
  blocks: Iterable<Block>,
  filter: TopicFilter,
  limits: TrimLimits,
): number {
  const pieces: TrimPiece[] = [];
  let head = 0;
  for (const block of blocks) {
    const matched = { count: 0, bytes: 0 };
    for (const [topic, { count, bytes }] of tally(block)) {
      if (!filter.test(topic)) continue;
      matched.count += count;
      matched.bytes += bytes;
    }
    if (matched.count > 0) pieces.push(pieceOf(block, matched.count, matched.bytes));
    head = block.nextOffset;
  }
  const cut = cutPieces(pieces, limits);
  return Math.max(cut.offset, Math.min(cut.exact, head));
}

/** The events of `block` that stay when the pattern's events before `horizon` go. */
export function keptOf(block: Block, filter: TopicFilter, horizon: number): number[] {
  const goes = block.topics.map((topic) => filter.test(topic));
  const kept: number[] = [];
  for (let index = 0; index < block.count; index++)
    if (block.offsetOf(index) >= horizon || !goes[block.topicIds[index]!]) kept.push(index);
  return kept;
}

function cutPieces(pieces: readonly TrimPiece[], limits: TrimLimits): FrontCut {
  const total = { count: 0, bytes: 0 };
  for (const { count, bytes } of pieces) {
    total.count += count;
    total.bytes += bytes;
  }
  const cut = new FrontCut(limits, total);
  for (const piece of pieces) if (!cut.take(piece)) break;
  return cut;
}

function pieceOf(block: Block, count: number, bytes: number): TrimPiece {
  const { firstOffset, nextOffset, recordedAt } = block;
  return { firstOffset, nextOffset, recordedAt, count, bytes };
}
