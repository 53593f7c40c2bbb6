import { rm } from "node:fs/promises";
import type { Block } from "../../block/block.js";
import type { Logger } from "../../kernel/logger.js";
import {
  type Database,
  isClosed,
  isDiskFull,
  isLocked,
  type Operation,
  openDatabase,
} from "../../storage/database.js";
import { damagedTable } from "../../storage/table-check.js";
import type { ProducerState } from "../event-log.js";
import { raise } from "../producers.js";
import type { BlockStore } from "./block-store.js";
import { type BlockEntry, BlockTable } from "./block-table.js";
import { checkEmpty, checkMeta, checkSums, emptyMeta, type IndexMeta } from "./index-meta.js";
import { IndexDamaged, isIndexDamage, sealJson, unsealJson } from "./index-values.js";
import { metaKey, offsetOfKey } from "./keys.js";
import { ProducerTable } from "./producer-table.js";
import { tryDecode } from "./stored-block.js";
import type { Tail } from "./tail.js";
import { type BlockRange, type EntryOptions, type TopicEntry, TopicTable } from "./topic-table.js";

const writeBufferBytes = 4 * 1024 * 1024;
const cacheBytes = 4 * 1024 * 1024;
/** Bytes of tables that are checked whole at open: some 80 ms. */
const tableBytesChecked = 32 * 1024 * 1024;
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
  /** The log's first offset: what is before it need not be here. */
  first = 0;
  readonly #database: Database;
  #meta: IndexMeta;
  #work: Promise<void> = Promise.resolve();
  #failure: Error | undefined;
  /** It was stopped by what was read, and can still be written. */
  #damaged = false;
  /** Committed, and not yet queued to be written. */
  #gathered: Block[] = [];
  #gathering: NodeJS.Timeout | undefined;

  private constructor(database: Database, logId: string) {
    this.#database = database;
    this.blocks = new BlockTable(database, () => this.#meta.gaps);
    this.topics = new TopicTable(database);
    this.producers = new ProducerTable(database);
    this.#meta = emptyMeta(logId);
  }

  /** Opens the index in `dir`, or an empty one where it cannot be used. */
  static async open(dir: string, logId: string, logger: Logger): Promise<LogIndex> {
    try {
      return await LogIndex.#load(dir, logId);
    } catch (error) {
      if (isLocked(error) || isDiskFull(error)) throw error;
      logger.warn({ error }, "rebuilding the log's index from its blocks");
      await rm(dir, { recursive: true, force: true });
      return await LogIndex.#load(dir, logId);
    }
  }

  static async #load(dir: string, logId: string): Promise<LogIndex> {
    const table = await damagedTable(dir, { dataBytesMax: tableBytesChecked });
    if (table !== undefined) throw new IndexDamaged(`the table ${table} is damaged`);
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
        this.#damaged ||= isIndexDamage(cause);
        const known = isClosed(cause) || isIndexDamage(cause);
        this.#failure ??= known ? cause : new IndexDamaged("a write failed", { cause });
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

  /** The block that holds `offset`; undefined if that is missing or removed. Throws IndexDamaged. */
  holding(offset: number): Promise<BlockEntry | undefined> {
    return this.#surely(async () =>
      offset < this.first ? undefined : await this.blocks.holding(offset),
    );
  }

  /** As `BlockTable.atTime`, for the log up to `head`. */
  atTime(time: number, head: number): Promise<number> {
    return this.#surely(() => this.blocks.atTime(time, this.first, head));
  }

  /** As `TopicTable.entries`, at any time. */
  topicEntries(topic: string, range: BlockRange, options: EntryOptions): Promise<TopicEntry[]> {
    return this.#surely(() => this.topics.entries(topic, range, options));
  }

  producer(id: string): Promise<ProducerState | undefined> {
    return this.#surely(() => this.producers.get(id));
  }

  /** What seems damaged may only be about to change: looks once more when nothing is at work. */
  async #surely<Result>(look: () => Promise<Result>): Promise<Result> {
    try {
      return await look();
    } catch (error) {
      if (!isIndexDamage(error)) throw error;
      return this.enqueue(look);
    }
  }

  /** Durably raises the producer's epoch. */
  openProducer(id: string, logEpoch: number): Promise<ProducerState> {
    return this.enqueue(async () => {
      const old = await this.producers.get(id);
      const state = raise(id, old, logEpoch);
      await this.write(this.producers.put(state, old), {}, { sync: true });
      return state;
    });
  }

  /** Writes `operations` and the changed totals as one batch. Only inside `enqueue`. */
  async write(
    operations: readonly Operation[],
    changes: Partial<IndexMeta>,
    options: { readonly sync: boolean } = { sync: false },
  ): Promise<void> {
    const { sums: topicSums } = this.topics;
    const { sums: producerSums } = this.producers;
    const meta = { ...this.#meta, ...changes, topicSums, producerSums };
    const put: Operation = { type: "put", key: metaKey, value: sealJson(metaKey, meta) };
    await this.#database.batch([...operations, put], options);
    this.#meta = meta;
  }

  /** Durably records that entries cannot be trusted, so that the next open starts from nothing. */
  async condemn(): Promise<void> {
    const write = () => this.write([], { rewriting: true }, { sync: true });
    if (!this.#damaged) return this.enqueue(write);
    await this.#work.catch(() => {});
    await write();
  }

  /**
   * Takes in the blocks that came after the last one it knows. Whether that one is of this log at
   * all shows in its hash; throws IndexDamaged if not.
   */
  async catchUp(store: BlockStore, first: number, tail: Tail): Promise<void> {
    await this.#checkPlace(store, first, tail);
    this.first = first;
    let blocks: Block[] = [];
    for await (const [key, bytes] of store.entriesAscending(Math.max(this.#meta.applied, first))) {
      const block = tryDecode(offsetOfKey(key), bytes);
      if (typeof block === "string") continue;
      if (blocks.push(block) < blocksAtOnce) continue;
      await this.enqueue(() => this.#apply(blocks));
      blocks = [];
    }
    if (blocks.length > 0) await this.enqueue(() => this.#apply(blocks));
    const { head, hash } = tail;
    if (this.#meta.applied === head) return;
    const end = { applied: head, hash: hash.toString("hex"), gaps: this.#gapsUpTo(head) };
    await this.enqueue(() => this.write([], end));
  }

  /** The gaps, with the one that ends at `offset` if what was taken in last does not. */
  #gapsUpTo(
    offset: number,
    { applied, gaps }: Pick<IndexMeta, "applied" | "gaps"> = this.#meta,
  ): IndexMeta["gaps"] {
    return offset <= applied ? gaps : [...gaps, { from: applied, to: offset }];
  }

  async close(): Promise<void> {
    this.#flush();
    await this.#work.catch(() => {});
    await this.#database.close();
  }

  async #restore(logId: string): Promise<void> {
    const value = await this.#database.get(metaKey);
    if (value === undefined) return await checkEmpty(this.#database);
    const meta = unsealJson(metaKey, value) as IndexMeta;
    checkMeta(meta, logId);
    this.#meta = meta;
    await this.topics.load();
    checkSums(this.topics.sums, meta.topicSums, "topics");
    this.producers.check(meta.producerSums);
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
    let { events, bytes, applied, gaps } = this.#meta;
    for (const block of blocks) {
      gaps = this.#gapsUpTo(block.firstOffset, { applied, gaps });
      applied = block.nextOffset;
      operations.push(this.blocks.put(block), ...this.topics.add(block, touched));
      if (block.producers.length > 0) operations.push(...(await this.producers.add(block)));
      events += block.count;
      bytes += block.bytes.length;
    }
    operations.push(...this.topics.putTotals(touched));
    const last = blocks.at(-1);
    if (last === undefined) return;
    await this.write(operations, {
      applied,
      gaps,
      hash: last.chainHash.toString("hex"),
      blocks: this.#meta.blocks + blocks.length,
      events,
      bytes,
    });
  }
}
