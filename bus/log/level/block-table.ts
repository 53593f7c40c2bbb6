import type { Block } from "../../block/block.js";
import type { Database, KeyRange, Operation } from "../../storage/database.js";
import type { OffsetRange } from "../offset-ranges.js";
import { isGap } from "./index-meta.js";
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

/**
 * The index of blocks: for time lookup, sizes, and to find the block that holds an offset.
 *
 * Entries follow each other without a gap, but for what `gaps` names: so one that is missing shows.
 */
export class BlockTable {
  readonly #database: Database;
  readonly #gaps: () => readonly OffsetRange[];

  constructor(database: Database, gaps: () => readonly OffsetRange[]) {
    this.#database = database;
    this.#gaps = gaps;
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

  /** The block that holds `offset`; undefined if that is in a gap. Throws IndexDamaged otherwise. */
  async holding(offset: number): Promise<BlockEntry | undefined> {
    const entry = await this.before(offset);
    if (entry !== undefined && offset < entry.nextOffset) return entry;
    this.checkGap(offset, offset + 1);
    return undefined;
  }

  /** Blocks from the one that starts at `from` on. Throws IndexDamaged where one is missing. */
  async *joined(from: number, limit?: number): AsyncGenerator<BlockEntry, void, undefined> {
    let expected = from;
    for await (const entry of this.ascending(from, limit)) {
      this.checkGap(expected, entry.firstOffset);
      yield entry;
      expected = entry.nextOffset;
    }
  }

  /** Throws IndexDamaged unless all of the range is known to be missing, or it is empty. */
  checkGap(from: number, to: number): void {
    if (!isGap(this.#gaps(), from, to)) throw new IndexDamaged("a block's entry is missing");
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
      const entry =
        (await this.holding(middle)) ?? (await this.before(middle)) ?? (await this.after(middle));
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
      this.checkGap(entry.nextOffset, expected);
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
