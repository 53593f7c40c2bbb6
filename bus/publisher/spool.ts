import { randomBytes } from "node:crypto";
import { FedbusError } from "../../schemas/errors.js";
import { Block } from "../block/block.js";
import type { Database, Operation } from "../log/level/database.js";
import { openDatabase } from "../log/level/database.js";
import { Batch } from "./batch.js";

/** What a spool says of itself, under a key that sorts behind all sequences. */
interface SpoolState {
  /** Made once: two spools never number events of the same producer. */
  readonly id: string;
  /** The sequence of the next event. */
  readonly nextSeq: number;
}

const stateKey = Buffer.alloc(9, 0xff);
const sizes = { writeBufferBytes: 4 * 1024 * 1024, cacheBytes: 0 };

/**
 * Batches that are on disk here before they go to the hub, and leave when it has answered: what was
 * published survives the publisher, and a hub that is away. Keys are sequences (u64 big-endian),
 * values batches.
 *
 * Sequences are the spool's own and run on over restarts, so that batches can be numbered, and
 * written, without a hub.
 */
export class Spool {
  readonly #database: Database;
  readonly id: string;
  /** What an earlier process left, in order. */
  readonly left: readonly Batch[];
  /** The sequence after everything that was ever put. */
  readonly nextSeq: number;

  private constructor(database: Database, state: SpoolState, left: readonly Batch[]) {
    this.#database = database;
    this.id = state.id;
    this.left = left;
    this.nextSeq = state.nextSeq;
  }

  /** Rejects with SPOOL_IN_USE, or LOG_CORRUPT. */
  static async open(dir: string): Promise<Spool> {
    const database = await openSpool(dir);
    try {
      const found = await database.get(stateKey);
      const state =
        found === undefined
          ? { id: randomBytes(6).toString("hex"), nextSeq: 0 }
          : (JSON.parse(found.toString("utf8")) as SpoolState);
      if (found === undefined) await database.batch([putState(state)], { sync: true });
      return new Spool(database, state, await load(database));
    } catch (cause) {
      await database.close();
      throw new FedbusError("LOG_CORRUPT", `the spool ${dir} cannot be read`, { cause });
    }
  }

  /** Resolves once the batches, in sequence order, are on disk. One call at a time. */
  async put(batches: readonly Batch[]): Promise<void> {
    const last = batches.at(-1)!;
    const state = { id: this.id, nextSeq: last.seq + last.count };
    const puts = batches.map(({ seq, block }): Operation => {
      return { type: "put", key: keyOf(seq), value: block };
    });
    await this.#database.batch([...puts, putState(state)], { sync: true });
  }

  /** The hub has answered: without a sync, since a resend is answered again. */
  async remove(seq: number): Promise<void> {
    await this.#database.batch([{ type: "del", key: keyOf(seq) }], { sync: false });
  }

  async close(): Promise<void> {
    await this.#database.close();
  }
}

async function openSpool(dir: string): Promise<Database> {
  try {
    return await openDatabase(dir, { createIfMissing: true, ...sizes });
  } catch (cause) {
    throw new FedbusError("SPOOL_IN_USE", `the spool ${dir} cannot be opened`, { cause });
  }
}

async function load(database: Database): Promise<Batch[]> {
  const batches: Batch[] = [];
  const cursor = database.iterator({ lt: stateKey });
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

function putState(state: SpoolState): Operation {
  return { type: "put", key: stateKey, value: Buffer.from(JSON.stringify(state)) };
}

function keyOf(seq: number): Buffer {
  const key = Buffer.allocUnsafe(8);
  key.writeBigUInt64BE(BigInt(seq));
  return key;
}
