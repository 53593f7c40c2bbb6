import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { FedbusError } from "../../schemas/errors.js";
import { Block } from "../block/block.js";
import type { Database, Operation } from "../storage/database.js";
import { isDiskFull, isLocked, openDatabase } from "../storage/database.js";
import { writeDurably } from "../storage/durable-file.js";
import { damagedFile } from "../storage/table-check.js";
import { beginsWithPut } from "../storage/write-log.js";
import { Batch } from "./batch.js";

/** What a spool says of itself, under a key that sorts behind all sequences. */
interface SpoolState {
  /** Made once: two spools never number events of the same producer. */
  readonly id: string;
  /** The sequence of the next event. */
  readonly nextSeq: number;
}

const stateKey = Buffer.alloc(9, 0xff);
/** Written once the database is made: from then on there must be one. */
const markerName = "spool.json";
const marker = `${JSON.stringify({ format: 1 })}\n`;
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
  /** The last write; rejects for good once one has failed. */
  #written: Promise<void> = Promise.resolve();

  private constructor(database: Database, state: SpoolState, left: readonly Batch[]) {
    this.#database = database;
    this.id = state.id;
    this.left = left;
    this.nextSeq = state.nextSeq;
  }

  /** Rejects with SPOOL_IN_USE, LOG_DISK_LOW, or LOG_CORRUPT. */
  static async open(dir: string): Promise<Spool> {
    let database: Database | undefined;
    try {
      const found = await look(dir);
      if (found !== "nothing") await refuseDamage(dir);
      database = await openDatabase(dir, { createIfMissing: found === "nothing", ...sizes });
      const state = await readState(database, found);
      if (found !== "spool") await writeDurably(join(dir, markerName), marker);
      return new Spool(database, state, await load(database));
    } catch (error) {
      await database?.close();
      throw explained(dir, error);
    }
  }

  /**
   * Resolves once the batches, in sequence order, are on disk. Rejects with PUBLISH_UNKNOWN if the
   * write failed: part of it may be there.
   */
  async put(batches: readonly Batch[]): Promise<void> {
    const last = batches.at(-1)!;
    const state = { id: this.id, nextSeq: last.seq + last.count };
    const puts = batches.map(({ seq, block }): Operation => {
      return { type: "put", key: keyOf(seq), value: block };
    });
    await this.#write([...puts, putState(state)], true);
  }

  /** The hub has answered: without a sync, since a resend is answered again. Rejects like `put`. */
  async remove(seq: number): Promise<void> {
    await this.#write([{ type: "del", key: keyOf(seq) }], false);
  }

  /** Waits for writes that were begun. */
  async close(): Promise<void> {
    await this.#written.catch(() => {});
    await this.#database.close();
  }

  /** One at a time, and none behind one that failed: LevelDB loses what it writes after that. */
  #write(operations: readonly Operation[], sync: boolean): Promise<void> {
    this.#written = this.#written.then(async () => {
      try {
        await this.#database.batch(operations, { sync });
      } catch (cause) {
        throw new FedbusError("PUBLISH_UNKNOWN", "the spool cannot be written", { cause });
      }
    });
    return this.#written;
  }
}

/** What is in a directory: a spool, a database that may be one, or neither. */
type Found = "spool" | "remains" | "nothing";

async function look(dir: string): Promise<Found> {
  const names = await readdir(dir).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  if (names.includes(markerName)) return "spool";
  // LevelDB creates over the remains of a database, deleting them.
  return names.some((name) => /^CURRENT$|^\d+\.(ldb|log)$/.test(name)) ? "remains" : "nothing";
}

async function readState(database: Database, found: Found): Promise<SpoolState> {
  const bytes = await database.get(stateKey);
  if (bytes !== undefined) return JSON.parse(bytes.toString("utf8")) as SpoolState;
  if (found === "spool") throw new TypeError("the spool's state is missing");
  const state = { id: randomBytes(6).toString("hex"), nextSeq: 0 };
  await database.batch([putState(state)], { sync: true });
  return state;
}

/** What LevelDB drops in silence would be events that are never sent. */
async function refuseDamage(dir: string): Promise<void> {
  // What removes batches is not synced, and begins with no put.
  const check = { dataBytesMax: Number.POSITIVE_INFINITY, isSynced: beginsWithPut };
  const path = await damagedFile(dir, check);
  if (path !== undefined) throw new TypeError(`${path} is damaged`);
}

function explained(dir: string, cause: unknown): FedbusError {
  if (isLocked(cause))
    return new FedbusError("SPOOL_IN_USE", `another process has the spool ${dir} open`, { cause });
  if (isDiskFull(cause))
    return new FedbusError("LOG_DISK_LOW", `no room on the disk for the spool ${dir}`, { cause });
  return new FedbusError("LOG_CORRUPT", `the spool ${dir} cannot be read`, { cause });
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
