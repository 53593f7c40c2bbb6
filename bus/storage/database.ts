import type { Level } from "level";

/** One write of a batch. */
export type Operation =
  | { readonly type: "put"; readonly key: Buffer; readonly value: Buffer }
  | { readonly type: "del"; readonly key: Buffer };

/** Keys from `gte` (or after `gt`) up to before `lt` (or up to `lte`). */
export interface KeyRange {
  readonly gte?: Buffer;
  readonly gt?: Buffer;
  readonly lt?: Buffer;
  readonly lte?: Buffer;
}

export interface ScanOptions extends KeyRange {
  readonly reverse?: boolean;
  readonly limit?: number;
  /** Bytes that one `nextv` reads ahead, at most. */
  readonly highWaterMarkBytes?: number;
}

/** A walk over entries, on the snapshot of the moment it was made. */
export interface Cursor {
  nextv(count: number): Promise<[Buffer, Buffer][]>;
  close(): Promise<void>;
}

/** An ordered store of bytes: what logs, spools and consumers' stores need of LevelDB. */
export interface Database {
  get(key: Buffer): Promise<Buffer | undefined>;
  /** At once, in this thread: some microseconds where the block is cached, else a read of the disk. */
  getSync(key: Buffer): Buffer | undefined;
  getMany(keys: Buffer[]): Promise<(Buffer | undefined)[]>;
  batch(operations: readonly Operation[], options: { readonly sync: boolean }): Promise<void>;
  iterator(options: ScanOptions): Cursor;
  clear(range: KeyRange): Promise<void>;
  compactRange(start: Buffer, end: Buffer): Promise<void>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** False: a database must be there. LevelDB creates over the remains of one, deleting them. */
  readonly createIfMissing: boolean;
  /** Bytes of one write-ahead log file, and of the memory beside it. */
  readonly writeBufferBytes: number;
  readonly cacheBytes: number;
}

/** LevelDB, loaded with the first database: whoever talks to a hub opens none. */
const loadLevel = (): Promise<typeof import("level")> => import("level");

/**
 * Opens the LevelDB database in `dir`. Rejects with LevelDB's own errors.
 *
 * This module is the only door to LevelDB. Its checksums are not checked on reading, and that
 * cannot be turned on from here: whoever reads must check what comes back.
 */
export async function openDatabase(dir: string, options: DatabaseOptions): Promise<Database> {
  const { Level } = await loadLevel();
  const database = new Level<Buffer, Buffer>(dir, {
    keyEncoding: "buffer",
    valueEncoding: "buffer",
    createIfMissing: options.createIfMissing,
    // Without compression, a flipped bit on the disk is never noticed by LevelDB itself.
    compression: true,
    writeBufferSize: options.writeBufferBytes,
    cacheSize: options.cacheBytes,
  } as ConstructorParameters<typeof Level<Buffer, Buffer>>[1]);
  try {
    await database.open();
  } catch (error) {
    await database.close();
    throw error;
  }
  return new LevelDatabase(database);
}

class LevelDatabase implements Database {
  readonly #level: Level<Buffer, Buffer>;

  constructor(level: Level<Buffer, Buffer>) {
    this.#level = level;
  }

  get(key: Buffer): Promise<Buffer | undefined> {
    return this.#level.get(key);
  }

  getSync(key: Buffer): Buffer | undefined {
    return this.#level.getSync(key);
  }

  getMany(keys: Buffer[]): Promise<(Buffer | undefined)[]> {
    return this.#level.getMany(keys);
  }

  /** By way of a chained batch: an array of operations costs twice as much an operation. */
  async batch(operations: readonly Operation[], options: { sync: boolean }): Promise<void> {
    const batch = this.#level.batch();
    for (const operation of operations)
      if (operation.type === "put") batch.put(operation.key, operation.value);
      else batch.del(operation.key);
    await batch.write(options);
  }

  iterator(options: ScanOptions): Cursor {
    return this.#level.iterator(options as object) as unknown as Cursor;
  }

  clear(range: KeyRange): Promise<void> {
    return this.#level.clear(range);
  }

  compactRange(start: Buffer, end: Buffer): Promise<void> {
    return (this.#level as unknown as Pick<Database, "compactRange">).compactRange(start, end);
  }

  close(): Promise<void> {
    return this.#level.close();
  }
}

/**
 * LevelDB's own repair: rebuilds the list of files from the files that are there. It skips
 * checksums, so what it recovers may be damaged. Deletes nothing; moves odd files to `lost/`.
 */
export async function repairDatabase(dir: string): Promise<void> {
  const { Level } = await loadLevel();
  await (Level as unknown as { repair(location: string): Promise<void> }).repair(dir);
}

/** The error and what caused it, outermost first. */
function* causes(error: unknown): Generator<Error & { code?: unknown }, void, undefined> {
  for (let one = error; one instanceof Error; one = one.cause) yield one;
}

/** Whether another owner holds the database's lock. */
export function isLocked(error: unknown): boolean {
  for (const { code } of causes(error)) if (code === "LEVEL_LOCKED") return true;
  return false;
}

/** Whether the disk, or the quota, is full. */
export function isDiskFull(error: unknown): boolean {
  for (const { code, message } of causes(error))
    if (code === "ENOSPC" || code === "EDQUOT" || /No space left|quota exceeded/i.test(message))
      return true;
  return false;
}

/** Whether LevelDB found its files damaged. */
export function isCorruption(error: unknown): boolean {
  for (const { code } of causes(error)) if (code === "LEVEL_CORRUPTION") return true;
  return false;
}

/** Whether an operation failed because the database, or its cursor, was closed meanwhile. */
export function isClosed(error: unknown): boolean {
  for (const { code } of causes(error))
    if (code === "LEVEL_DATABASE_NOT_OPEN" || code === "LEVEL_ITERATOR_NOT_OPEN") return true;
  return false;
}
