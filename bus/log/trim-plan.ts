import type { Block } from "../block/block.js";

/** Topics that a plan names at most: those that would lose the most bytes. */
export const plannedTopicsMax = 1_000;

/** What a topic would lose. */
export interface TopicLoss {
  readonly topic: string;
  readonly count: number;
  /** Of the events' JSON. */
  readonly bytes: number;
}

/** What a trim would remove, reckoned when it was asked for. */
export interface TrimPlan {
  /** Events that would go. */
  readonly removed: number;
  /** Bytes of their JSON. The space they take on disk is another: blocks are compressed. */
  readonly bytes: number;
  /** What the log's first offset would be. */
  readonly first: number;
  /** How many topics would lose events. */
  readonly topicCount: number;
  /** These topics, the one with the most bytes first; at most 1,000 of them. */
  readonly topics: readonly TopicLoss[];
}

/** Sums up what topics would lose. */
export class Losses {
  readonly #topics = new Map<string, { count: number; bytes: number }>();

  add(topic: string, { count, bytes }: { readonly count: number; readonly bytes: number }): void {
    if (count === 0) return;
    const sum = this.#topics.get(topic) ?? { count: 0, bytes: 0 };
    this.#topics.set(topic, { count: sum.count + count, bytes: sum.bytes + bytes });
  }

  /** The events of `block` before offset `end` on topics that `test` accepts. */
  addBlock(block: Block, end: number, test: (topic: string) => boolean): void {
    for (let index = 0; index < block.count && block.offsetOf(index) < end; index++) {
      const topic = block.topics[block.topicIds[index]!]!;
      const bytes = block.ends[index]! - block.startOf(index);
      if (test(topic)) this.add(topic, { count: 1, bytes });
    }
  }

  plan(first: number): TrimPlan {
    const topics = Array.from(this.#topics, ([topic, loss]) => ({ topic, ...loss }));
    topics.sort((a, b) => b.bytes - a.bytes || (a.topic < b.topic ? -1 : 1));
    return {
      removed: topics.reduce((sum, { count }) => sum + count, 0),
      bytes: topics.reduce((sum, { bytes }) => sum + bytes, 0),
      first,
      topicCount: topics.length,
      topics: topics.slice(0, plannedTopicsMax),
    };
  }
}
