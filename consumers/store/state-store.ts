import { join } from "node:path";
import type { Cursor, Database, NumberedBatch, Operation } from "../../bus/index.js";
import { FedbusError, isFedbusError } from "../../schemas/index.js";
import { type Entry, EntryCache } from "./entry-cache.js";
import { expiryOperation } from "./expiry.js";
import { entryKey, metaKey, outboxRange, outboxSeq } from "./keys.js";
import { openStateDatabase } from "./open-database.js";
import { OutboxFiles } from "./outbox-files.js";
import { decodeEntry, encodeEntry, seal, unseal } from "./values.js";

export interface StateStoreOptions {
  /** False: there must be one. Default true. */
  readonly create?: boolean;
  /** Bytes of entries kept in memory, about. Default 64 MiB. */
  readonly cacheBytesMax?: number;
  /** Whether commits wait for the disk. False for what can be built again. Default true. */
  readonly durable?: boolean;
}

/**
 * A consumer's own database: its tables, timers, outbox and checkpoint, changed together by one
 * atomic write a commit. One process at a time. After a failed write it takes no more: LevelDB may
 * lose what comes behind one.
 */
export class StateStore {
  readonly #database: Database;
  readonly #outboxFiles: OutboxFiles;
  readonly #durable: boolean;
  readonly #cache: EntryCache;
  #dirty: [id: string, entry: Entry][] = [];
  #writing: Promise<void> = Promise.resolve();
  /** Commits that are not on disk yet. */
  #underWay = 0;
  /** Bytes that an entry is thought to take before it is written: what they took of late. */
  #bytesGuess = 0;
  #failure: FedbusError | undefined;

  private constructor(database: Database, outboxFiles: OutboxFiles, options: StateStoreOptions) {
    this.#database = database;
    this.#outboxFiles = outboxFiles;
    this.#durable = options.durable ?? true;
    this.#cache = new EntryCache(options.cacheBytesMax ?? 64 * 1024 * 1024);
  }

  /** Rejects with STATE_IN_USE, STATE_NOT_FOUND, STATE_CORRUPT or LOG_DISK_LOW. */
  static async open(dir: string, options: StateStoreOptions = {}): Promise<StateStore> {
    const database = await openStateDatabase(dir, options.create ?? true);
    try {
      const outboxFiles = await OutboxFiles.open(join(dir, "outbox"), database);
      return new StateStore(database, outboxFiles, options);
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  /** The entry, from memory or from the disk. One without a value says that there is none. */
  entry(id: string): Entry {
    return this.#cache.get(id) ?? this.#load(id);
  }

  /** The entry if it is in memory. */
  held(id: string): Entry | undefined {
    return this.#cache.get(id);
  }

  /** The entry, without keeping it in memory. */
  peek(id: string): Pick<Entry, "value" | "expires"> {
    return this.#cache.get(id) ?? this.#read(id);
  }

  /** Changes an entry; written with the next commit. */
  change(id: string, value: unknown, expires: number): void {
    const entry = this.#cache.get(id);
    if (entry === undefined) {
      const fresh = { value, expires, dirty: true, bytes: this.#bytesGuess };
      this.#cache.set(id, fresh);
      this.#dirty.push([id, fresh]);
      return;
    }
    entry.value = value;
    entry.expires = expires;
    if (entry.dirty) return;
    entry.dirty = true;
    this.#dirty.push([id, entry]);
  }

  /** Whether more is held in memory than should be: commit. */
  get isFull(): boolean {
    return this.#cache.isFull;
  }

  /** Entries changed since the last commit. */
  get changes(): readonly (readonly [id: string, entry: Entry])[] {
    return this.#dirty;
  }

  /** A small JSON value beside the tables. */
  async meta<Value>(name: string): Promise<Value | undefined> {
    const key = metaKey(name);
    const bytes = await this.#database.get(key);
    return bytes === undefined ? undefined : (JSON.parse(unseal(key, bytes)) as Value);
  }

  cursor(range: { readonly gte: Buffer; readonly lt: Buffer; readonly reverse?: boolean }): Cursor {
    return this.#database.iterator(range);
  }

  /**
   * What is committed of a range, in steps of at most `entriesMax`. Who needs no more leaves the loop.
   */
  async *steps(
    range: { readonly gte: Buffer; readonly lt: Buffer; readonly reverse?: boolean },
    entriesMax = 256,
  ): AsyncGenerator<readonly [key: Buffer, value: Buffer][]> {
    const cursor = this.#database.iterator(range);
    try {
      for (let step = await cursor.nextv(entriesMax); step.length > 0; ) {
        yield step;
        step = await cursor.nextv(entriesMax);
      }
    } finally {
      await cursor.close();
    }
  }

  /** The batches in the outbox, in order of their sequences. Rejects with STATE_CORRUPT. */
  async *outbox(): AsyncGenerator<readonly [seq: number, block: Buffer]> {
    for await (const step of this.steps(outboxRange, 16))
      for (const [key, value] of step)
        yield [outboxSeq(key), await this.#outboxFiles.resolve(key, value)];
  }

  /**
   * Writes all changed entries, `operations` and `meta` as one, with the `filed` batches of outputs, which
   * are kept in a file of their own. At most one commit is under way: another waits for it. The promise
   * settles when the commit is on disk; changes may be made meanwhile, and belong to the next one.
   */
  async commit(
    operations: readonly Operation[],
    meta: Readonly<Record<string, unknown>>,
    filed: readonly NumberedBatch[] = [],
  ): Promise<void> {
    const batch = this.#gather(operations, meta);
    // At once, while nothing is dirty; and not what an earlier commit is still writing.
    if (this.#underWay === 0) this.#cache.turn();
    this.#underWay++;
    this.#writing = this.#writing.then(() => this.#write(batch, filed));
    this.#writing.catch(() => {});
    try {
      await this.#writing;
    } finally {
      this.#underWay--;
    }
  }

  /** Resolves when no commit is under way; rejects if the last one failed. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  /** Forgets what was not committed. */
  async discard(): Promise<void> {
    await this.#writing.catch(() => {});
    this.#dirty = [];
    this.#cache.clear();
  }

  /** Waits for the commit under way. What was not committed is lost. */
  async close(): Promise<void> {
    await this.#writing.catch(() => {});
    await this.#database.close();
  }

  #load(id: string): Entry {
    const entry = this.#read(id);
    this.#cache.set(id, entry);
    return entry;
  }

  #read(id: string): Entry {
    const key = entryKey(id);
    const bytes = this.#database.getSync(key);
    return bytes === undefined
      ? { value: undefined, expires: 0, dirty: false, bytes: 0 }
      : { ...decodeEntry(unseal(key, bytes)), dirty: false, bytes: bytes.length };
  }

  #gather(
    operations: readonly Operation[],
    meta: Readonly<Record<string, unknown>>,
  ): readonly Operation[] {
    const batch: Operation[] = [...operations];
    let bytes = 0;
    for (const [id, entry] of this.#dirty) {
      const key = entryKey(id);
      entry.dirty = false;
      if (entry.value === undefined) {
        batch.push({ type: "del", key });
        continue;
      }
      const value = seal(key, encodeEntry(id, entry));
      this.#cache.resized(entry, value.length);
      bytes += value.length;
      batch.push({ type: "put", key, value });
      if (entry.expires !== 0) batch.push(expiryOperation(id, entry.expires));
    }
    if (bytes > 0) this.#bytesGuess = bytes / this.#dirty.length;
    this.#dirty = [];
    for (const [name, value] of Object.entries(meta)) {
      const key = metaKey(name);
      batch.push({ type: "put", key, value: seal(key, JSON.stringify(value)) });
    }
    return batch;
  }

  async #write(batch: readonly Operation[], filed: readonly NumberedBatch[]): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      const references = filed.length === 0 ? [] : await this.#outboxFiles.write(filed);
      await this.#database.batch([...batch, ...references], { sync: this.#durable });
      await this.#outboxFiles.removeDone();
    } catch (cause) {
      this.#failure = isFedbusError(cause)
        ? cause
        : new FedbusError("STATE_WRITE_FAILED", "the consumer's store cannot be written", {
            cause,
          });
      throw this.#failure;
    }
  }
}
