import { isFedbusError } from "../../../schemas/errors.js";
import type { Block } from "../../block/block.js";
import { type Cursor, type Database, isClosed, type Operation } from "../../storage/database.js";
import { offsetKey, offsetOfKey } from "./keys.js";
import { damage, decodeStored, tryDecode } from "./stored-block.js";

/**
 * Bytes of the write-ahead log, and of the memory beside it. With blocks of 190 KB, 4 to 32 MiB all
 * committed as fast; replaying after a crash took 30 ms at 4 MiB, 50 at 8, 95 at 16, 150 at 32.
 * LevelDB can have two at a time, and replaying may need as much disk: the ballast is that large.
 */
export const blockBufferBytes = 4 * 1024 * 1024;

/** Bytes that a walk reads ahead while the block before is being checked. */
const readAheadBytes = 256 * 1024;
const readAheadCount = 512;

type Entry = readonly [Buffer, Buffer];

/**
 * The database of blocks: key is the first offset, value the block's bytes.
 *
 * Nothing else lives in it, so keys only rise. The files that LevelDB flushes then never overlap,
 * and it never merges or rewrites them: every byte is written twice (write-ahead log and table),
 * where mixed keys would be rewritten level by level.
 */
export class BlockStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Stores `blocks` as one atomic batch, over those with the same first offsets; then fsync. */
  async commit(blocks: readonly Block[]): Promise<void> {
    await this.#database.batch(
      blocks.map((block) => ({
        type: "put",
        key: offsetKey(block.firstOffset),
        value: block.bytes,
      })),
      { sync: true },
    );
  }

  /** The bytes under `firstOffset`, unchecked; undefined if there are none, or none to be had. */
  async raw(firstOffset: number): Promise<Buffer | undefined> {
    try {
      return await this.#database.get(offsetKey(firstOffset));
    } catch (error) {
      if (isClosed(error)) throw error;
      return undefined;
    }
  }

  /**
   * The blocks that start at `starts`, for who reads from `from` on. Rejects with LOG_CORRUPT at the
   * first that is damaged.
   */
  async *at(
    starts: readonly number[],
    { from, head }: { readonly from: number; readonly head: number },
  ): AsyncGenerator<Block, void, undefined> {
    const step = 4;
    for (let index = 0; index < starts.length; index += step) {
      const some = starts.slice(index, index + step);
      const values = await Promise.all(some.map((start) => this.raw(start)));
      for (const [place, start] of some.entries()) {
        const bytes = values[place];
        if (bytes === undefined)
          throw await this.#hole(start, head, "the block cannot be found", from);
        yield await this.#checked(start, bytes, head, from);
      }
    }
  }

  /**
   * Blocks from the one that holds `from` on, until `to` is reached. Rejects with LOG_CORRUPT where
   * a block is damaged or the next one does not follow on; `details.to` is where to go on.
   */
  async *ascending(from: number, to: number, head: number): AsyncGenerator<Block, void, undefined> {
    let expected = from;
    for await (const [key, value] of this.#from(from, to)) {
      const start = offsetOfKey(key);
      if (start > expected) throw damage(expected, start, "blocks are missing");
      // What lies inside a block that was just read came there by damage to its key.
      if (start < expected && expected !== from) continue;
      const block = await this.#checked(start, value, head, expected);
      if (block.nextOffset <= expected) continue;
      yield block;
      expected = block.nextOffset;
    }
    if (expected < to) throw await this.#hole(expected, head, "blocks are missing");
  }

  /** The same blocks, newest first: from the one that holds `to - 1` down to the one with `from`. */
  async *descending(from: number, to: number): AsyncGenerator<Block, void, undefined> {
    let expected = to;
    let fault = "blocks are missing";
    for await (const [key, value] of this.#walk({ lt: offsetKey(to), reverse: true })) {
      const start = offsetOfKey(key);
      const block = tryDecode(start, value);
      if (typeof block === "string") {
        // The block before it will show how far the damage goes, or that nothing is missing.
        fault = block;
        continue;
      }
      if (block.nextOffset < expected)
        throw damage(Math.max(block.nextOffset, from), expected, fault);
      yield block;
      expected = start;
      if (start <= from) return;
    }
    if (expected > from) throw damage(from, expected, fault);
  }

  /** Entries as they are, newest first. For checks that go on over damage. */
  entriesDescending(): AsyncGenerator<Entry, void, undefined> {
    return this.#walk({ reverse: true });
  }

  /** Entries as they are, from `from` on. For checks that go on over damage. */
  entriesAscending(from: number): AsyncGenerator<Entry, void, undefined> {
    return this.#walk({ gte: offsetKey(from) });
  }

  /** Deletes the blocks that start in the range. */
  async remove(from: number, to: number): Promise<void> {
    await this.#database.clear({ gte: offsetKey(from), lt: offsetKey(to) });
  }

  /** Gives the space back of what was deleted in the range, or written over. */
  async compact(from: number, to: number): Promise<void> {
    await this.#database.compactRange(offsetKey(from), offsetKey(to));
  }

  /** First offset of the oldest stored block, whatever state it is in. */
  async oldest(): Promise<number | undefined> {
    for await (const [key] of this.#walk({ limit: 1 })) return offsetOfKey(key);
    return undefined;
  }

  /** Puts `block` where it says that it belongs, in the place of the entry under `wrong`. */
  async move(block: Block, wrong: number): Promise<void> {
    const key = offsetKey(block.firstOffset);
    const there = await this.#database.get(key);
    const operations: Operation[] = [{ type: "del", key: offsetKey(wrong) }];
    if (there === undefined) operations.push({ type: "put", key, value: block.bytes });
    await this.#database.batch(operations, { sync: true });
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  /** Entries from the one at or before `from`, so that the block that holds it is among them. */
  async *#from(from: number, to: number): AsyncGenerator<Entry, void, undefined> {
    const range = { gte: offsetKey(from), lt: offsetKey(to) };
    let first = true;
    for await (const entry of this.#walk(range)) {
      if (first && offsetOfKey(entry[0]) !== from) yield* this.#before(from);
      first = false;
      yield entry;
    }
    if (first) yield* this.#before(from);
  }

  #before(offset: number): AsyncGenerator<Entry, void, undefined> {
    return this.#walk({ lt: offsetKey(offset), reverse: true, limit: 1 });
  }

  /** Walks with one read ahead, so that LevelDB's thread reads while this one checks. */
  async *#walk(
    options: Parameters<Database["iterator"]>[0],
  ): AsyncGenerator<Entry, void, undefined> {
    const highWaterMarkBytes = readAheadBytes;
    const cursor = this.#database.iterator({ ...options, highWaterMarkBytes });
    const ahead = options.limit === undefined;
    let pending = cursor.nextv(readAheadCount);
    try {
      for (let entries = await settled(pending); entries.length > 0; ) {
        pending = ahead ? cursor.nextv(readAheadCount) : Promise.resolve([]);
        pending.catch(() => {});
        yield* entries;
        entries = await settled(pending);
      }
    } finally {
      await closeCursor(cursor, pending);
    }
  }

  async #checked(start: number, bytes: Buffer, head: number, from: number): Promise<Block> {
    try {
      return decodeStored(start, bytes);
    } catch (error) {
      if (!isFedbusError(error)) throw error;
      throw await this.#hole(start, head, error.message, from);
    }
  }

  /** The damage from `start`, or the reader's place `from`, up to the next block or the head. */
  async #hole(start: number, head: number, reason: string, from = start): Promise<Error> {
    let to = head;
    for await (const [key] of this.#walk({ gt: offsetKey(start), limit: 1 })) to = offsetOfKey(key);
    return damage(Math.max(start, from), to, reason);
  }
}

/**
 * LevelDB skips a table block that it cannot decompress and complains only at the walk's end; the
 * gap shows in the offsets, which everyone checks. So its complaint adds nothing and ends the walk.
 */
async function settled(pending: Promise<[Buffer, Buffer][]>): Promise<[Buffer, Buffer][]> {
  try {
    return await pending;
  } catch (error) {
    if (isClosed(error)) throw error;
    return [];
  }
}

async function closeCursor(cursor: Cursor, pending: Promise<unknown>): Promise<void> {
  await pending.catch(() => {});
  await cursor.close().catch(() => {});
}
