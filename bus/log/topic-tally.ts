import type { Block } from "../block/block.js";

/** One topic's events in one block. Offsets are of its first and last event there. */
export interface TopicTally {
  count: number;
  /** Their JSON bytes. */
  bytes: number;
  firstOffset: number;
  lastOffset: number;
}

/** What `block` holds of each topic. */
export function tally(block: Block): Map<string, TopicTally> {
  const tallies: (TopicTally | undefined)[] = [];
  for (let index = 0; index < block.count; index++) {
    const topicId = block.topicIds[index]!;
    const offset = block.offsetOf(index);
    const bytes = block.ends[index]! - block.startOf(index);
    const entry = tallies[topicId];
    if (entry === undefined) {
      tallies[topicId] = { count: 1, bytes, firstOffset: offset, lastOffset: offset };
    } else {
      entry.count++;
      entry.bytes += bytes;
      entry.lastOffset = offset;
    }
  }
  const { topics } = block;
  const byTopic = new Map<string, TopicTally>();
  for (const [topicId, entry] of tallies.entries())
    if (entry !== undefined) byTopic.set(topics[topicId]!, entry);
  return byTopic;
}
