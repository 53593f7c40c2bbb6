import type { TopicFilter } from "../../../schemas/topic-filter.js";
import type { Block } from "../../block/block.js";
import type { Database, Operation } from "../../storage/database.js";
import type { TopicInfo } from "../event-source.js";
import { type TopicTally, tally } from "../topic-tally.js";
import type { TopicSums } from "./index-meta.js";
import { IndexDamaged, sealNumbers, unsealNumbers } from "./index-values.js";
import { offsetOfKey, topicBlockKey, topicKey, topicOfKey } from "./keys.js";

/** A topic's totals. All of them are in memory: a log has a bounded number of topics. */
interface TopicTotals {
  count: number;
  bytes: number;
  firstOffset: number;
  lastOffset: number;
  /** Events that the topic ever had, removed ones included. */
  ever: number;
}

/** A topic's events in one block. `before` is how many events the topic ever had before these. */
export interface TopicEntry extends TopicTally {
  readonly start: number;
  before: number;
}

const endOfTopics = Buffer.from("U");
const lastOffset = Number.MAX_SAFE_INTEGER;

/** Entries of blocks that start from `from` up to before `to`. */
export interface BlockRange {
  readonly from: number;
  readonly to: number;
}

export interface EntryOptions {
  readonly reverse?: boolean;
  readonly limit: number;
}

/**
 * The index of topics: totals, and the blocks that hold each topic's events. Each entry says how many
 * events came before it, and the totals how many there are: so one that is missing shows.
 */
export class TopicTable {
  readonly #database: Database;
  readonly #totals = new Map<string, TopicTotals>();
  readonly #matching = new Map<string, readonly string[]>();
  #events = 0;
  #ever = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  get count(): number {
    return this.#totals.size;
  }

  get sums(): TopicSums {
    return { topics: this.#totals.size, events: this.#events, ever: this.#ever };
  }

  async load(): Promise<void> {
    const cursor = this.#database.iterator({
      gte: topicKey(""),
      lt: endOfTopics,
      highWaterMarkBytes: 262_144,
    });
    try {
      for (;;) {
        const entries = await cursor.nextv(2048);
        if (entries.length === 0) return;
        for (const [key, value] of entries) this.#loaded(topicOfKey(key), totalsOf(key, value));
      }
    } finally {
      await cursor.close();
    }
  }

  #loaded(topic: string, totals: TopicTotals): void {
    this.#totals.set(topic, totals);
    this.#events += totals.count;
    this.#ever += totals.ever;
  }

  list(filter: TopicFilter): TopicInfo[] {
    const infos: TopicInfo[] = [];
    for (const topic of this.matching(filter)) {
      const { count, bytes, firstOffset, lastOffset } = this.#totals.get(topic)!;
      infos.push({ topic, count, bytes, firstOffset, lastOffset });
    }
    return infos;
  }

  /** The topics that have events and that `filter` lets pass, sorted. */
  matching(filter: TopicFilter): readonly string[] {
    let topics = this.#matching.get(filter.key);
    if (topics === undefined) {
      topics = [...this.#totals.keys()].filter((topic) => filter.test(topic)).sort();
      if (this.#matching.size >= matchingMax) this.#matching.clear();
      this.#matching.set(filter.key, topics);
    }
    return topics;
  }

  /** Events and JSON bytes of `topics` together. */
  sumOf(topics: readonly string[]): { readonly count: number; readonly bytes: number } {
    const sum = { count: 0, bytes: 0 };
    for (const topic of topics) {
      const totals = this.#totals.get(topic);
      sum.count += totals?.count ?? 0;
      sum.bytes += totals?.bytes ?? 0;
    }
    return sum;
  }

  /** The writes that take a new block in. Totals of topics go to `touched`, written once a batch. */
  add(block: Block, touched: Set<string>): Operation[] {
    const operations: Operation[] = [];
    for (const [topic, more] of tally(block)) {
      const totals = this.#totalsFor(topic, more);
      operations.push(putEntry(topic, { ...more, start: block.firstOffset, before: totals.ever }));
      totals.count += more.count;
      totals.bytes += more.bytes;
      totals.lastOffset = more.lastOffset;
      totals.ever += more.count;
      this.#events += more.count;
      this.#ever += more.count;
      touched.add(topic);
    }
    return operations;
  }

  /** The writes that store the totals of `topics`. */
  putTotals(topics: Iterable<string>): Operation[] {
    return Array.from(topics, (topic) => {
      const key = topicKey(topic);
      const totals = this.#totals.get(topic);
      if (totals === undefined) return { type: "del", key };
      const { count, bytes, firstOffset, lastOffset, ever } = totals;
      const value = sealNumbers(key, [count, bytes, firstOffset, lastOffset, ever]);
      return { type: "put", key, value };
    });
  }

  /**
   * The topic's entries in `range`, at most `limit`, from the oldest or the newest. Throws
   * IndexDamaged if one of them is missing, which can also seem so while the index changes: who is
   * not inside `LogIndex.enqueue` asks by way of `LogIndex.topicEntries`.
   */
  async entries(topic: string, range: BlockRange, options: EntryOptions): Promise<TopicEntry[]> {
    const entries = await this.#read(topic, range, options);
    const { reverse = false, limit } = options;
    const cut = entries.length === limit;
    if (reverse) entries.reverse();
    let count = reverse && cut ? entries[0]!.before : await this.#countBefore(topic, range.from);
    for (const entry of entries) {
      checkJoin(count, entry.before);
      count += entry.count;
    }
    if (reverse || !cut) checkJoin(count, await this.#countUpTo(topic, range.to));
    return reverse ? entries.reverse() : entries;
  }

  /** Events that the topic ever had in blocks that start before `end`, told by those before it. */
  async #countBefore(topic: string, end: number): Promise<number> {
    const totals = this.#totals.get(topic);
    if (totals === undefined) return 0;
    const before = { from: 0, to: end };
    const [last] = await this.#read(topic, before, { reverse: true, limit: 1 });
    return last === undefined ? totals.ever - totals.count : last.before + last.count;
  }

  /** The same, told by those behind it. */
  async #countUpTo(topic: string, end: number): Promise<number> {
    const totals = this.#totals.get(topic);
    if (totals === undefined) return 0;
    if (totals.lastOffset < end) return totals.ever;
    const [next] = await this.#read(topic, { from: end, to: lastOffset }, { limit: 1 });
    return next === undefined ? totals.ever : next.before;
  }

  async #read(topic: string, range: BlockRange, options: EntryOptions): Promise<TopicEntry[]> {
    const cursor = this.#database.iterator({
      gte: topicBlockKey(topic, range.from),
      lt: topicBlockKey(topic, range.to),
      ...options,
      highWaterMarkBytes: 65_536,
    });
    const entries: TopicEntry[] = [];
    try {
      for (;;) {
        const some = await cursor.nextv(Math.min(options.limit, 1024));
        if (some.length === 0) return entries;
        for (const [key, value] of some) entries.push(entryOf(key, value));
      }
    } finally {
      await cursor.close();
    }
  }

  /**
   * Takes `removed` events, always the oldest, out of the totals of `topic`. The first that stays
   * has `firstOffset`; without it, none stays.
   */
  take(topic: string, removed: { count: number; bytes: number }, firstOffset?: number): void {
    const totals = this.#totals.get(topic);
    if (totals === undefined) return;
    totals.count -= removed.count;
    totals.bytes -= removed.bytes;
    this.#events -= removed.count;
    if (firstOffset === undefined || totals.count <= 0) {
      this.#events -= totals.count;
      this.#ever -= totals.ever;
      this.#totals.delete(topic);
      this.#matching.clear();
    } else totals.firstOffset = firstOffset;
  }

  /** Topics that have an event before `offset`. */
  olderThan(offset: number): string[] {
    const topics: string[] = [];
    for (const [topic, totals] of this.#totals) if (totals.firstOffset < offset) topics.push(topic);
    return topics;
  }

  /** The topic's first event in a block behind that of `entry`. Throws IndexDamaged as `entries`. */
  async firstAfter(
    topic: string,
    { start, before, count }: TopicEntry,
  ): Promise<number | undefined> {
    const [next] = await this.#read(topic, { from: start + 1, to: lastOffset }, { limit: 1 });
    const end = next?.before ?? this.#totals.get(topic)?.ever;
    if (end !== undefined) checkJoin(before + count, end);
    return next?.firstOffset;
  }

  #totalsFor(topic: string, first: TopicTally): TopicTotals {
    let totals = this.#totals.get(topic);
    if (totals === undefined) {
      const { firstOffset, lastOffset } = first;
      totals = { count: 0, bytes: 0, firstOffset, lastOffset, ever: 0 };
      this.#totals.set(topic, totals);
      this.#matching.clear();
    }
    return totals;
  }
}

/** Pattern sets whose matching topics are remembered, until a topic comes or goes. */
const matchingMax = 256;

export function putEntry(topic: string, entry: TopicEntry): Operation {
  const { start, count, bytes, firstOffset, before } = entry;
  const key = topicBlockKey(topic, start);
  const numbers = [count, bytes, firstOffset, entry.lastOffset, before];
  return { type: "put", key, value: sealNumbers(key, numbers) };
}

export function removeEntry(topic: string, start: number): Operation {
  return { type: "del", key: topicBlockKey(topic, start) };
}

function entryOf(key: Buffer, value: Buffer): TopicEntry {
  const [count, bytes, firstOffset, last, before] = unsealNumbers(key, value);
  return {
    start: offsetOfKey(key),
    count: count!,
    bytes: bytes!,
    firstOffset: firstOffset!,
    lastOffset: last!,
    before: before!,
  };
}

function totalsOf(key: Buffer, value: Buffer): TopicTotals {
  const [count, bytes, firstOffset, last, ever] = unsealNumbers(key, value);
  return {
    count: count!,
    bytes: bytes!,
    firstOffset: firstOffset!,
    lastOffset: last!,
    ever: ever!,
  };
}

function checkJoin(count: number, before: number): void {
  if (count !== before) throw new IndexDamaged("a topic's entry is missing");
}
