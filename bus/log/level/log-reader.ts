import { isFedbusError } from "../../../schemas/errors.js";
import type { Page, ReadOptions } from "../event-source.js";
import {
  checkEpoch,
  emptyPage,
  type PageRequest,
  pageRequest,
  scanBytesMax,
  truncated,
} from "../page-request.js";
import { PageBuilder } from "../selection.js";
import { isIndexDamage } from "./index-values.js";
import type { LogCore } from "./log-core.js";
import type { LogIndex } from "./log-index.js";
import { Scan } from "./open-scans.js";
import { type ReadStep, stepsDown } from "./read-step.js";
import type { Storage } from "./storage.js";
import { topicBlocks, worthIndex } from "./topic-blocks.js";

/** Runs `use` on an index that has everything acknowledged, and is made anew if it is damaged. */
export type WithIndex = <Result>(use: (index: LogIndex) => Promise<Result>) => Promise<Result>;

/** Reads pages: from memory where the newest blocks are enough, else from the databases. */
export class LogReader {
  readonly #core: LogCore;
  readonly #withIndex: WithIndex;
  readonly #indexFailed: (error: unknown) => void;

  constructor(core: LogCore, withIndex: WithIndex, indexFailed: (error: unknown) => void) {
    this.#core = core;
    this.#withIndex = withIndex;
    this.#indexFailed = indexFailed;
  }

  async read(options: ReadOptions): Promise<Page> {
    const core = this.#core;
    core.checkOpen();
    options.signal?.throwIfAborted();
    const request = pageRequest(options, core);
    if (options.epoch !== undefined)
      checkEpoch(options, await this.#epochBefore(options.from), core.head);
    if (request.from >= request.to) return emptyPage(request, core);
    if (core.recent.holding(request.from) !== undefined) return core.recent.page(request, core);
    return core.withStorage((storage) => this.#page(request, storage), options.signal);
  }

  /** By the index where that is worth it. A damaged index costs time, and never an event. */
  async #page(request: PageRequest, storage: Storage): Promise<Page> {
    const { head } = this.#core;
    try {
      const topics = await this.#topicsWorthIndex(request, storage);
      if (topics !== undefined)
        return await this.#collect(request, topicBlocks(request, storage, topics, head));
    } catch (error) {
      if (!isIndexDamage(error)) throw error;
      this.#indexFailed(error);
    }
    return request.descending
      ? this.#collect(request, stepsDown(request, storage.blocks))
      : this.#scan(request, storage);
  }

  /** Reads up block by block, from where a scan was left or a new one. */
  async #scan(request: PageRequest, storage: Storage): Promise<Page> {
    const core = this.#core;
    const { from, to } = request;
    const page = new PageBuilder(request, scanBytesMax);
    let scan = core.scans.take(storage.blocks, from, core.head);
    const { version } = core.horizons;
    let next = from;
    try {
      while (next < to && !page.full) {
        request.signal?.throwIfAborted();
        const block = await scan.take();
        if (block === undefined) {
          // A scan that was left open ends at the head of its own time.
          scan = new Scan(storage.blocks, next, core.head);
          continue;
        }
        const added = page.add(block);
        if (!added || block.nextOffset > to) scan.giveBack(block, added ? to : next);
        if (!added) break;
        next = Math.min(block.nextOffset, to);
      }
    } catch (error) {
      await scan.close();
      this.#explain(error, request, page);
    }
    if (version === core.horizons.version && !core.watch.closed) core.scans.keep(scan);
    else await scan.close();
    return this.#pageOf(page, request, next);
  }

  async #collect(request: PageRequest, steps: AsyncIterable<ReadStep>): Promise<Page> {
    const page = new PageBuilder(request, scanBytesMax);
    let next = request.descending ? request.to : request.from;
    try {
      for await (const step of steps) {
        request.signal?.throwIfAborted();
        if (step.block !== undefined && !page.add(step.block)) break;
        next = step.next;
        if (page.full) break;
      }
    } catch (error) {
      this.#explain(error, request, page);
    }
    return this.#pageOf(page, request, next);
  }

  #pageOf({ blocks }: PageBuilder, request: PageRequest, next: number): Page {
    const { first, head } = this.#core;
    const done = next === (request.descending ? request.from : request.to);
    return { blocks, next, done, first, head };
  }

  /** Damage ends the page; it is the next page's error, so that what lies before is delivered. */
  #explain(error: unknown, request: PageRequest, page: PageBuilder): void {
    const { first } = this.#core;
    if (!isFedbusError(error, "LOG_CORRUPT")) throw error;
    // Retention may have taken the blocks away just now.
    if (request.from < first) throw truncated(request.from, first);
    if (page.blocks.length === 0) throw error;
  }

  /** The topics to look up in the index; undefined if reading block by block is better. */
  async #topicsWorthIndex(
    request: PageRequest,
    storage: Storage,
  ): Promise<readonly string[] | undefined> {
    if (request.filter.matchesAll) return undefined;
    await storage.index.settled();
    return worthIndex(request.filter, storage.index);
  }

  /** Epoch of the block that holds the event before `from`; undefined if there is none to ask. */
  async #epochBefore(from: number): Promise<number | undefined> {
    const core = this.#core;
    if (from === 0) return undefined;
    const { base } = core.opened.file.state;
    // A copy of a trimmed log does not know the epoch before its first offset.
    if (from === base.first) return base.epoch || undefined;
    const recent = core.recent.holding(from - 1);
    if (recent !== undefined) return recent.epoch;
    return this.#withIndex(async (index) => (await index.holding(from - 1))?.epoch);
  }
}
