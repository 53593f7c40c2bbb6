import type { Block } from "../../block/block.js";
import type { Database, KeyRange, Operation } from "../../storage/database.js";
import { IndexDamaged, sealNumbers, unsealNumbers } from "./index-values.js";
import { blockKey, offsetOfKey } from "./keys.js";

/** What the index knows of a block without reading it. */
export interface BlockEntry {
  readonly firstOffset: number;
  readonly nextOffset: number;
  readonly recordedAt: number;
  readonly epoch: number;
  /** Events left in it. */
  readonly count: number;
  readonly bytes: number;
}

const endOfBlocks = Buffer.from("c");

/** The index of blocks: for time lookup, sizes, and to find the block that holds an offset. */
export class BlockTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  put(block: Block): Operation {
    const { firstOffset, nextOffset, recordedAt, epoch, count, bytes } = block;
    const key = blockKey(firstOffset);
    const numbers = [nextOffset, recordedAt, epoch, count, bytes.length];
    return { type: "put", key, value: sealNumbers(key, numbers) };
  }

  remove(firstOffset: number): Operation {
    return { type: "del", key: blockKey(firstOffset) };
  }

  /** The last block that starts at or before `offset`. */
  async before(offset: number): Promise<BlockEntry | undefined> {
    const range = { gte: blockKey(0), lte: blockKey(offset) };
    for await (const entry of this.#walk(range, { reverse: true, limit: 1 })) return entry;
    return undefined;
  }

  /** The first block that starts at or after `offset`. */
  async after(offset: number): Promise<BlockEntry | undefined> {
    for await (const entry of this.ascending(offset, 1)) return entry;
    return undefined;
  }

  ascending(from: number, limit?: number): AsyncGenerator<BlockEntry, void, undefined> {
    const range = { gte: blockKey(from), lt: endOfBlocks };
    return this.#walk(range, limit === undefined ? {} : { limit });
  }

  /**
   * The first block recorded at or after `time`, among those from `first` up to `head`. Recording
   * times never decrease, so this halves the range of offsets at every step.
   */
  async atTime(time: number, first: number, head: number): Promise<number> {
    let low = first;
    let high = head;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const entry = (await this.before(middle)) ?? (await this.after(middle));
      if (entry === undefined) return head;
      if (entry.recordedAt >= time) high = Math.min(entry.firstOffset, middle);
      else low = Math.max(entry.nextOffset, middle + 1);
    }
    return low;
  }

  /** Throws IndexDamaged unless the newest `count` entries join up and end at `head`. */
  async checkNewest(count: number, head: number): Promise<void> {
    let expected = head;
    const range = { gte: blockKey(0), lt: endOfBlocks };
    for await (const entry of this.#walk(range, { reverse: true, limit: count })) {
      if (entry.nextOffset > expected) throw new IndexDamaged("block entries overlap");
      expected = entry.firstOffset;
    }
  }

  async *#walk(
    range: KeyRange,
    options: { readonly reverse?: boolean; readonly limit?: number },
  ): AsyncGenerator<BlockEntry, void, undefined> {
    const cursor = this.#database.iterator({ ...range, ...options, highWaterMarkBytes: 65_536 });
    try {
      for (;;) {
        const entries = await cursor.nextv(Math.min(options.limit ?? 512, 512));
        if (entries.length === 0) return;
        for (const [key, value] of entries) yield entryOf(key, value);
      }
    } finally {
      await cursor.close();
    }
  }
}

function entryOf(key: Buffer, value: Buffer): BlockEntry {
  const [nextOffset, recordedAt, epoch, count, bytes] = unsealNumbers(key, value);
  return {
    firstOffset: offsetOfKey(key),
    nextOffset: nextOffset!,
    recordedAt: recordedAt!,
    epoch: epoch!,
    count: count!,
    bytes: bytes!,
  };
}
