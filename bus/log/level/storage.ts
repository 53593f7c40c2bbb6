import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { FedbusError } from "../../../schemas/errors.js";
import type { Logger } from "../../kernel/logger.js";
import { type Database, isDiskFull, isLocked, openDatabase } from "../../storage/database.js";
import { BlockStore, blockBufferBytes } from "./block-store.js";
import type { Witnessed } from "./head-witness.js";
import { isIndexDamage } from "./index-values.js";
import type { LogFileState } from "./log-file.js";
import { LogIndex } from "./log-index.js";
import { checkTail, type Tail } from "./tail.js";

const blockCacheBytes = 4 * 1024 * 1024;

/** The two open databases of a log. */
export class Storage {
  readonly blocks: BlockStore;
  index: LogIndex;
  readonly #dir: string;

  private constructor(dir: string, blocks: BlockStore, index: LogIndex) {
    this.#dir = dir;
    this.blocks = blocks;
    this.index = index;
  }

  /**
   * Opens both, which takes both of LevelDB's locks: with one LOCK file deleted, the other still
   * keeps a second owner out. The index goes first, because to open the blocks while another
   * process writes them would already lose some; the index is only rebuilt.
   * Rejects with LOG_IN_USE, LOG_DISK_LOW or LOG_CORRUPT.
   */
  static async open(dir: string, state: LogFileState, logger: Logger): Promise<Storage> {
    const index = await openIndex(join(dir, "index"), state.logId, logger);
    let database: Database | undefined;
    try {
      const createIfMissing = state.creating === true;
      database = await openBlocks(join(dir, "blocks"), createIfMissing);
      const blocks = new BlockStore(database);
      if (createIfMissing && (await blocks.oldest()) !== undefined)
        throw new FedbusError("LOG_CORRUPT", "a log that is still being made has events");
      return new Storage(dir, blocks, index);
    } catch (error) {
      await database?.close();
      await index.close();
      throw error;
    }
  }

  checkTail(state: LogFileState, witnessed: Witnessed | undefined): Promise<Tail> {
    return checkTail(this.blocks, state, witnessed);
  }

  /** Brings the index up to the blocks, from nothing if it cannot be used. */
  async catchUp(state: LogFileState, tail: Tail, logger: Logger): Promise<void> {
    try {
      await this.index.catchUp(this.blocks, state.base.first, tail);
    } catch (error) {
      if (!isIndexDamage(error)) throw error;
      logger.warn({ error }, "rebuilding the log's index from its blocks");
      await this.index.close();
      const dir = join(this.#dir, "index");
      await rm(dir, { recursive: true, force: true });
      this.index = await openIndex(dir, state.logId, logger);
      await this.index.catchUp(this.blocks, state.base.first, tail);
    }
  }

  async close(): Promise<void> {
    const ends = await Promise.allSettled([this.index.close(), this.blocks.close()]);
    const errors = ends.flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
    if (errors.length > 0) throw new AggregateError(errors, "closing the log's databases failed");
  }
}

/** Whether `dir` has anything of a log's databases in it. */
export async function hasRemains(dir: string): Promise<boolean> {
  const names = await readdir(join(dir, "blocks")).catch(() => []);
  return names.some((name) => /^CURRENT$|\.ldb$|\.log$|^MANIFEST/.test(name));
}

async function openIndex(dir: string, logId: string, logger: Logger): Promise<LogIndex> {
  try {
    return await LogIndex.open(dir, logId, logger);
  } catch (error) {
    throw explained(error);
  }
}

async function openBlocks(dir: string, createIfMissing: boolean): Promise<Database> {
  try {
    return await openDatabase(dir, {
      createIfMissing,
      writeBufferBytes: blockBufferBytes,
      cacheBytes: blockCacheBytes,
    });
  } catch (error) {
    throw explained(error);
  }
}

function explained(error: unknown): Error {
  if (error instanceof FedbusError) return error;
  if (isLocked(error))
    return new FedbusError("LOG_IN_USE", "another process has the log open", { cause: error });
  if (isDiskFull(error))
    return new FedbusError("LOG_DISK_LOW", "the disk is too full to open the log", {
      cause: error,
    });
  return new FedbusError(
    "LOG_CORRUPT",
    "the log's database cannot be opened; run `fedbus log repair`",
    { cause: error },
  );
}
