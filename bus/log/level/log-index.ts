import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Block } from "../../block/block.js";
import {
  type Database,
  isClosed,
  isDiskFull,
  isLocked,
  type Operation,
  openDatabase,
} from "../../storage/database.js";
import type { ProducerState } from "../event-log.js";
import { raise } from "../producers.js";
import type { BlockStore } from "./block-store.js";
import { BlockTable } from "./block-table.js";
import { IndexDamaged, sealJson, unsealJson } from "./index-values.js";
import { metaKey, offsetOfKey } from "./keys.js";
import { ProducerTable } from "./producer-table.js";
import { tryDecode } from "./stored-block.js";
import type { Tail } from "./tail.js";
import { TopicTable } from "./topic-table.js";

/** How far the index goes, and what the blocks up to there hold. */
export interface IndexMeta {
  readonly logId: string;
  /** Offset after the last block that was taken in. */
  readonly applied: number;
  /** Chain hash of that block, in hex. */
  readonly hash: string;
  readonly blocks: number;
  readonly events: number;
  readonly bytes: number;
  /** Blocks are being rewritten: after a crash, entries cannot be trusted. */
  readonly rewriting?: boolean;
}

const writeBufferBytes = 4 * 1024 * 1024;
const cacheBytes = 4 * 1024 * 1024;
/** Block entries that are checked for gaps at open: more than two write buffers can hold. */
const entriesChecked = 65_536;
/** Blocks taken in by one write, at most. */
const blocksAtOnce = 64;
/** Blocks wait this long, so that many small commits share one write. */
const gatherMs = 50;

/**
 * The database of everything that is derived from the blocks, so that it can be read without them.
 *
 * It is written soon after each commit and without sync, one atomic batch with the place up to which
 * it goes. What a crash takes from it is made again from the blocks, and so is all of it when it is
 * missing, damaged, or of another log. So a commit costs one fsync, and the blocks alone decide.
 * The one thing it holds alone is raised producer epochs; see `raise`.
 *
 * Work is done one piece after another. The first failure stops it for good: whoever awaits
 * `settled` sees it, and then has to open the index again.
 */
export class LogIndex {
  readonly blocks: BlockTable;
  readonly topics: TopicTable;
  readonly producers: ProducerTable;
  readonly #database: Database;
  #meta: IndexMeta;
  #work: Promise<void> = Promise.resolve();
  #failure: Error | undefined;
  /** Committed, and not yet queued to be written. */
  #gathered: Block[] = [];
  #gathering: NodeJS.Timeout | undefined;

  private constructor(database: Database, logId: string) {
    this.#database = database;
    this.blocks = new BlockTable(database);
    this.topics = new TopicTable(database);
    this.producers = new ProducerTable(database);
    this.#meta = { logId, applied: 0, hash: "", blocks: 0, events: 0, bytes: 0 };
  }

  /** Opens the index in `dir`, or an empty one where it cannot be used. */
  static async open(dir: string, logId: string): Promise<LogIndex> {
    try {
      return await LogIndex.#load(dir, logId);
    } catch (error) {
      if (isLocked(error) || isDiskFull(error)) throw error;
      await rm(join(dir), { recursive: true, force: true });
      return await LogIndex.#load(dir, logId);
    }
  }

  static async #load(dir: string, logId: string): Promise<LogIndex> {
    const options = { createIfMissing: true, writeBufferBytes, cacheBytes };
    const database = await openDatabase(dir, options);
    try {
      const index = new LogIndex(database, logId);
      await index.#restore(logId);
      return index;
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  /** What stopped it; undefined while it goes on. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  get meta(): IndexMeta {
    return this.#meta;
  }

  /** Takes note of `blocks`, which come next after all before, to be written soon. */
  apply(blocks: readonly Block[]): void {
    this.#gathered.push(...blocks);
    if (this.#gathered.length >= blocksAtOnce) this.#flush();
    else this.#gathering ??= setTimeout(() => this.#flush(), gatherMs);
  }

  #flush(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    const blocks = this.#gathered;
    if (blocks.length === 0) return;
    this.#gathered = [];
    this.#enqueue(() => this.#apply(blocks)).catch(() => {});
  }

  /** Runs `work` after all that came before; nothing else runs meanwhile. */
  enqueue<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#flush();
    return this.#enqueue(work);
  }

  #enqueue<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#work.then(work);
    this.#work = done.then(
      () => {},
      (cause) => {
        this.#failure ??= isClosed(cause) ? cause : new IndexDamaged("a write failed", { cause });
        throw this.#failure;
      },
    );
    this.#work.catch(() => {});
    return done;
  }

  /** Resolves when everything so far is written; rejects once anything has failed. */
  settled(): Promise<void> {
    this.#flush();
    return this.#work;
  }

  /** Resolves when what is being written is written: less than `blocksAtOnce` may wait behind it. */
  room(): Promise<void> {
    return this.#work;
  }

  /** Durably raises the producer's epoch. */
  openProducer(id: string, logEpoch: number): Promise<ProducerState> {
    return this.enqueue(async () => {
      const state = raise(id, await this.producers.get(id), logEpoch);
      await this.#database.batch(this.producers.put(state), { sync: true });
      return state;
    });
  }

  /** Writes `operations` and the changed totals as one batch. Only inside `enqueue`. */
  async write(
    operations: readonly Operation[],
    changes: Partial<IndexMeta>,
    options: { readonly sync: boolean } = { sync: false },
  ): Promise<void> {
    const meta = { ...this.#meta, ...changes };
    const put: Operation = { type: "put", key: metaKey, value: sealJson(metaKey, meta) };
    await this.#database.batch([...operations, put], options);
    this.#meta = meta;
  }

  /** Durably records that entries cannot be trusted, so that the next open starts from nothing. */
  condemn(): Promise<void> {
    return this.enqueue(() => this.write([], { rewriting: true }, { sync: true }));
  }

  /**
   * Takes in the blocks that came after the last one it knows. Whether that one is of this log at
   * all shows in its hash; throws IndexDamaged if not.
   */
  async catchUp(store: BlockStore, first: number, tail: Tail): Promise<void> {
    await this.#checkPlace(store, first, tail);
    let blocks: Block[] = [];
    for await (const [key, bytes] of store.entriesAscending(Math.max(this.#meta.applied, first))) {
      const block = tryDecode(offsetOfKey(key), bytes);
      if (typeof block === "string") continue;
      if (blocks.push(block) < blocksAtOnce) continue;
      await this.enqueue(() => this.#apply(blocks));
      blocks = [];
    }
    if (blocks.length > 0) await this.enqueue(() => this.#apply(blocks));
  }

  async close(): Promise<void> {
    this.#flush();
    await this.#work.catch(() => {});
    await this.#database.close();
  }

  async #restore(logId: string): Promise<void> {
    const value = await this.#database.get(metaKey);
    if (value === undefined) return;
    const meta = unsealJson(metaKey, value) as IndexMeta;
    if (meta.logId !== logId) throw new IndexDamaged("the index is another log's");
    if (meta.rewriting === true) throw new IndexDamaged("retention was cut off");
    this.#meta = meta;
    await this.topics.load();
    await this.blocks.checkNewest(entriesChecked, meta.applied);
  }

  async #checkPlace(store: BlockStore, first: number, tail: Tail): Promise<void> {
    const { applied, hash } = this.#meta;
    if (applied > tail.head) throw new IndexDamaged("the index is ahead of the log");
    if (applied <= first) return;
    const bytes = applied === tail.head ? undefined : await store.raw(applied);
    const next = bytes === undefined ? undefined : tryDecode(applied, bytes);
    const expected =
      applied === tail.head ? tail.hash : typeof next === "object" ? next.previous : undefined;
    if (expected?.toString("hex") !== hash) throw new IndexDamaged("the index is of another chain");
  }

  async #apply(blocks: readonly Block[]): Promise<void> {
    const operations: Operation[] = [];
    const touched = new Set<string>();
    let { events, bytes } = this.#meta;
    for (const block of blocks) {
      operations.push(this.blocks.put(block), ...this.topics.add(block, touched));
      if (block.producers.length > 0) operations.push(...(await this.producers.add(block)));
      events += block.count;
      bytes += block.bytes.length;
    }
    operations.push(...this.topics.putTotals(touched));
    const last = blocks.at(-1);
    if (last === undefined) return;
    await this.write(operations, {
      applied: last.nextOffset,
      hash: last.chainHash.toString("hex"),
      blocks: this.#meta.blocks + blocks.length,
      events,
      bytes,
    });
  }
}
