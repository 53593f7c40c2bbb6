import { randomUUID } from "node:crypto";
import { FedbusError } from "../../schemas/errors.js";
import { TopicFilter } from "../../schemas/topic-filter.js";
import { MemoryBlobs } from "../blobs/memory-blobs.js";
import type { Block } from "../block/block.js";
import type { BlockDraft } from "../block/draft.js";
import { encodeLogged } from "../block/encode.js";
import { trimEvents } from "../block/reduce.js";
import { type Clock, systemClock } from "../kernel/clock.js";
import { checkOptions } from "../kernel/options.js";
import { BlockWindow } from "./block-window.js";
import type { EventLog, LogStats, ProducerState } from "./event-log.js";
import type {
  FollowedPage,
  FollowOptions,
  Page,
  ReadOptions,
  SourceInfo,
  TopicInfo,
} from "./event-source.js";
import { follow } from "./follow.js";
import { checkLimits } from "./front-cut.js";
import { HeadWatch } from "./head-watch.js";
import { Horizons } from "./horizons.js";
import { cutOf, horizonOf, keptOf } from "./memory-retention.js";
import { checkEpoch, emptyPage, pageRequest } from "./page-request.js";
import { advance, isPast, raise } from "./producers.js";
import type { TrimOptions, TrimResult } from "./retention.js";
import { tally } from "./topic-tally.js";
import { Losses, type TrimPlan } from "./trim-plan.js";

export interface MemoryLogOptions {
  /** The oldest blocks go when all blocks together are larger. Default 256 MiB. */
  readonly bytesMax?: number;
  readonly clock?: Clock;
  /** Default: a random UUID. */
  readonly logId?: string;
}

/** Where a log begins: the first offset that is left, and hash and epoch of what was before it. */
interface LogBase {
  readonly first: number;
  readonly hash: Buffer;
  readonly epoch: number;
}

export const memoryBytesDefault = 256 * 1024 * 1024;

/**
 * A log that lives as long as its process: for tests, and for a bus without a directory.
 * It keeps the whole `EventLog` contract but durability; old blocks go when it is full.
 */
export class MemoryLog implements EventLog {
  readonly logId: string;
  readonly epoch: number;
  readonly blobs = new MemoryBlobs();
  readonly horizons = new Horizons();
  readonly watch = new HeadWatch();
  readonly #clock: Clock;
  readonly #bytesMax: number;
  readonly #window = new BlockWindow();
  readonly #producers = new Map<string, ProducerState>();
  #base: LogBase = { first: 0, hash: Buffer.alloc(32), epoch: 0 };
  #head = 0;
  #hash: Buffer = Buffer.alloc(32);
  /** The time of the newest event, or a later one that was given away: none comes before it. */
  #recordedAt = 0;

  /** Throws OPTIONS_INVALID. */
  constructor(options: MemoryLogOptions = {}) {
    checkOptions("MemoryLog", options, { bytesMax: "count", clock: "other", logId: "other" });
    this.#clock = options.clock ?? systemClock;
    this.#bytesMax = options.bytesMax ?? memoryBytesDefault;
    this.logId = options.logId ?? randomUUID();
    this.epoch = this.#clock();
  }

  get first(): number {
    return this.#base.first;
  }

  get head(): number {
    return this.#head;
  }

  async info(): Promise<SourceInfo> {
    const { logId, epoch, first, head } = this;
    const hashes = { base: this.#base.hash.toString("hex"), hash: this.#hash.toString("hex") };
    const time = this.time();
    return { logId, epoch, first, head, ...(time !== undefined && { time }), ...hashes };
  }

  async append(drafts: readonly BlockDraft[]): Promise<readonly Block[]> {
    this.#checkOpen();
    this.#recordedAt = Math.max(this.#recordedAt, this.#clock());
    const blocks = drafts.map((draft) => this.#store(draft));
    while (this.#window.bytes > this.#bytesMax && this.#window.count > 1) this.#dropOldest();
    this.watch.notify();
    return blocks;
  }

  time(): number | undefined {
    if (this.watch.closed) return undefined;
    this.#recordedAt = Math.max(this.#recordedAt, this.#clock());
    return this.#recordedAt;
  }

  async read(options: ReadOptions): Promise<Page> {
    this.#checkOpen();
    options.signal?.throwIfAborted();
    const request = pageRequest(options, this);
    checkEpoch(options, this.#epochBefore(options.from), this.#head);
    return request.from >= request.to ? emptyPage(request, this) : this.#window.page(request, this);
  }

  follow(options: FollowOptions): AsyncIterable<FollowedPage> {
    return follow(this, options);
  }

  async offsetAtTime(time: number): Promise<number> {
    for (const block of this.#window) if (block.recordedAt >= time) return block.firstOffset;
    return this.#head;
  }

  async topics(patterns?: readonly string[]): Promise<readonly TopicInfo[]> {
    this.#checkOpen();
    const filter = TopicFilter.of(patterns ?? ["#"]);
    const totals = new Map<string, TopicInfo>();
    for (const block of this.#window)
      for (const [topic, more] of tally(block)) {
        if (!filter.test(topic)) continue;
        const old = totals.get(topic) ?? { count: 0, bytes: 0, firstOffset: more.firstOffset };
        totals.set(topic, {
          topic,
          count: old.count + more.count,
          bytes: old.bytes + more.bytes,
          firstOffset: old.firstOffset,
          lastOffset: more.lastOffset,
        });
      }
    return [...totals.values()].sort((a, b) => (a.topic < b.topic ? -1 : 1));
  }

  async producer(id: string): Promise<ProducerState | undefined> {
    return this.#producers.get(id);
  }

  async openProducer(id: string): Promise<ProducerState> {
    this.#checkOpen();
    const state = raise(id, this.#producers.get(id), this.epoch);
    this.#producers.set(id, state);
    return state;
  }

  async trim(options: TrimOptions): Promise<TrimResult> {
    this.#checkOpen();
    const { filter, end } = this.#reach(options);
    return filter === undefined ? this.#trimFront(end) : this.#trimPattern(filter, end);
  }

  async planTrim(options: TrimOptions): Promise<TrimPlan> {
    this.#checkOpen();
    const { filter, end } = this.#reach(options);
    const losses = new Losses();
    for (const block of this.#window)
      if (filter !== undefined) losses.addBlock(block, end, (topic) => filter.test(topic));
      else if (block.nextOffset <= end) losses.addBlock(block, end, () => true);
    return losses.plan(filter === undefined ? Math.max(end, this.first) : this.first);
  }

  async stats(): Promise<LogStats> {
    const { oldest, newest } = this.#window;
    let events = 0;
    for (const block of this.#window) events += block.count;
    return {
      blocks: this.#window.count,
      events,
      bytes: this.#window.bytes,
      diskBytes: 0,
      topics: (await this.topics()).length,
      ...(oldest !== undefined && { firstRecordedAt: oldest.recordedAt }),
      ...(newest !== undefined && { lastRecordedAt: newest.recordedAt }),
    };
  }

  async close(): Promise<void> {
    if (!this.watch.closed) this.watch.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #store(draft: BlockDraft): Block {
    const block = encodeLogged(draft, {
      firstOffset: this.#head,
      recordedAt: this.#recordedAt,
      epoch: this.epoch,
      previous: this.#hash,
    });
    this.#window.push(block);
    this.#head = block.nextOffset;
    this.#hash = block.chainHash;
    for (const run of block.producers)
      this.#producers.set(run.id, advance(this.#producers.get(run.id), run, block));
    return block;
  }

  /** Up to where events may go; without a filter, whole blocks of all topics. */
  #reach({ pattern, ...options }: TrimOptions): { filter?: TopicFilter; end: number } {
    const { now = this.#clock() } = options;
    const limits = { ...options, now };
    checkLimits(limits);
    if (pattern === undefined || pattern === "#") return { end: cutOf(this.#window, limits) };
    const filter = TopicFilter.of(pattern);
    return { filter, end: horizonOf(this.#window, filter, limits) };
  }

  #trimFront(cut: number): TrimResult {
    let removed = 0;
    while ((this.#window.oldest?.nextOffset ?? Number.POSITIVE_INFINITY) <= cut)
      removed += this.#dropOldest();
    return { removed, first: this.first };
  }

  #trimPattern(filter: TopicFilter, horizon: number): TrimResult {
    this.horizons.raise({ pattern: filter.key, first: horizon });
    let removed = 0;
    for (const block of this.#window) {
      if (block.firstOffset >= horizon) break;
      const kept = keptOf(block, filter, horizon);
      if (kept.length === block.count) continue;
      removed += block.count - kept.length;
      this.#window.replace(trimEvents(block, kept));
    }
    return { removed, first: this.first };
  }

  #dropOldest(): number {
    const block = this.#window.shift();
    if (block === undefined) return 0;
    this.#base = { first: block.nextOffset, hash: block.chainHash, epoch: block.epoch };
    this.horizons.dropBefore(this.first);
    for (const { id } of block.producers) {
      const state = this.#producers.get(id);
      if (state !== undefined && isPast(state, this.first, this.epoch)) this.#producers.delete(id);
    }
    return block.count;
  }

  #epochBefore(offset: number): number | undefined {
    if (offset === 0) return undefined;
    return offset === this.first ? this.#base.epoch : this.#window.holding(offset - 1)?.epoch;
  }

  #checkOpen(): void {
    if (this.watch.closed) throw new FedbusError("CLOSED", "the log was closed");
  }
}
