import { FedbusError } from "../../schemas/errors.js";
import { Block } from "../block/block.js";
import type { Database } from "../log/level/database.js";
import { openDatabase } from "../log/level/database.js";
import { Batch } from "./batch.js";

/**
 * Batches that are on disk here before they go to the hub, and leave when it has answered: what was
 * published survives the publisher. Keys are sequences (u64 big-endian), values batches.
 */
export class Spool {
  readonly #database: Database;
  #lastPut: Promise<void> = Promise.resolve();

  private constructor(database: Database) {
    this.#database = database;
  }

  static async open(dir: string): Promise<Spool> {
    try {
      const sizes = { writeBufferBytes: 4 * 1024 * 1024, cacheBytes: 0 };
      return new Spool(await openDatabase(dir, { createIfMissing: true, ...sizes }));
    } catch (cause) {
      throw new FedbusError("SPOOL_IN_USE", `the spool ${dir} cannot be opened`, { cause });
    }
  }

  /** Resolves once the batch is on disk, after those put before it. */
  put(batch: Batch): Promise<void> {
    const { seq, block } = batch;
    this.#lastPut = this.#lastPut.then(() =>
      this.#database.batch([{ type: "put", key: keyOf(seq), value: block }], { sync: true }),
    );
    return this.#lastPut;
  }

  /** The hub has answered: without a sync, since a resend is answered again. */
  async remove(seq: number): Promise<void> {
    await this.#database.batch([{ type: "del", key: keyOf(seq) }], { sync: false });
  }

  /** What is left from before, in order. */
  async load(): Promise<Batch[]> {
    const batches: Batch[] = [];
    const cursor = this.#database.iterator({});
    for (let entries = await cursor.nextv(100); entries.length > 0; ) {
      for (const [key, bytes] of entries) {
        const block = Block.decode(bytes);
        block.checkBody();
        batches.push(Batch.spooled(Number(key.readBigUInt64BE()), block.count, bytes));
      }
      entries = await cursor.nextv(100);
    }
    await cursor.close();
    return batches;
  }

  async close(): Promise<void> {
    await this.#lastPut.catch(() => {});
    await this.#database.close();
  }
}

function keyOf(seq: number): Buffer {
  const key = Buffer.allocUnsafe(8);
  key.writeBigUInt64BE(BigInt(seq));
  return key;
}
