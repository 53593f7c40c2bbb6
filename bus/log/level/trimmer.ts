import { FedbusError, isFedbusError } from "../../../schemas/errors.js";
import { TopicFilter } from "../../../schemas/topic-filter.js";
import { Block } from "../../block/block.js";
import { checkLimits, FrontCut, type TrimLimits } from "../front-cut.js";
import type { TrimOptions, TrimResult } from "../retention.js";
import type { BlockEntry } from "./block-table.js";
import { isClosed } from "./database.js";
import { forgetBefore } from "./index-trim.js";
import type { LogCore } from "./log-core.js";
import { trimPattern } from "./pattern-trim.js";
import { tryDecode } from "./stored-block.js";

/** Blocks deleted and compacted in one piece; between pieces, appends and reads have their turn. */
const sliceBytes = 32 * 1024 * 1024;

/**
 * Retention for a `LevelLog`, one trim at a time.
 *
 * The new first offset, with the hash that the chain goes on from, is durable in `log.json` before
 * anything is deleted. So a reader is refused rather than served a gap, and a crash in between
 * leaves only remains, which `resume` deletes.
 */
export class Trimmer {
  readonly #core: LogCore;
  readonly #ending = new AbortController();
  #queue: Promise<unknown> = Promise.resolve();

  constructor(core: LogCore) {
    this.#core = core;
  }

  trim(options: TrimOptions): Promise<TrimResult> {
    return this.#inTurn(async () => {
      try {
        return await this.#trim(options);
      } catch (cause) {
        if (!isClosed(cause)) throw cause;
        this.#core.checkOpen();
        throw new FedbusError("LOG_WRITE_FAILED", "the log is being opened again", { cause });
      }
    });
  }

  /** Deletes what a trim that was cut off by a crash has left behind. */
  resume(): void {
    this.#inTurn(async () => {
      await this.#remove(this.#core.first);
    }).catch((error) => {
      if (!this.#ending.signal.aborted)
        this.#core.options.logger.warn({ error }, "removing trimmed blocks failed");
    });
  }

  /** Ends the trim in flight at its next step. */
  async close(): Promise<void> {
    this.#ending.abort(new FedbusError("CLOSED", "the log was closed"));
    await this.#queue;
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => {});
    return done;
  }

  async #trim(options: TrimOptions): Promise<TrimResult> {
    const core = this.#core;
    core.checkWritable();
    checkLimits(options);
    const { pattern, signal, ...rest } = options;
    const limits = { ...rest, now: core.options.clock() };
    const ending = signal === undefined ? [this.#ending.signal] : [this.#ending.signal, signal];
    const step = (): void => {
      for (const one of ending) one.throwIfAborted();
    };
    await core.storage.index.settled();
    if (pattern === undefined || pattern === "#") return this.#trimFront(limits, step);
    const removed = await trimPattern(core, TopicFilter.of(pattern), limits, step);
    return { removed, first: core.first };
  }

  async #trimFront(limits: TrimLimits, step: () => void): Promise<TrimResult> {
    const core = this.#core;
    const { index } = core.storage;
    const { events: count, bytes } = index.meta;
    const cut = new FrontCut(limits, { count, bytes });
    const from = core.first;
    let last: BlockEntry | undefined;
    let removed = 0;
    for await (const entry of index.blocks.ascending(from)) {
      if (entry.nextOffset > core.head || !cut.take(entry)) break;
      last = entry;
      removed += entry.count;
    }
    step();
    if (last === undefined) return { removed: 0, first: from };
    await this.#moveFirst(last);
    await this.#remove(core.first, step);
    return { removed, first: core.first };
  }

  /** Durably puts the log's first offset behind `last`. */
  async #moveFirst(last: BlockEntry): Promise<void> {
    const core = this.#core;
    const first = last.nextOffset;
    const hash = (await this.#hashBefore(last)).toString("hex");
    core.horizons.dropBefore(first);
    await core.opened.file.update({
      base: { first, hash, epoch: last.epoch },
      horizons: core.horizons.list(),
      lost: core.opened.file.state.lost.filter(({ to }) => to > first),
    });
    core.scans.clear();
    core.watch.notify();
  }

  /** What the block after `last` names as its predecessor's hash. */
  async #hashBefore(last: BlockEntry): Promise<Buffer> {
    const core = this.#core;
    if (last.nextOffset === core.head) return core.hash;
    const { blocks } = core.storage;
    const next = await blocks.raw(last.nextOffset);
    const nextBlock = next === undefined ? "" : tryDecode(last.nextOffset, next);
    if (nextBlock instanceof Block) return nextBlock.previous;
    const bytes = await blocks.raw(last.firstOffset);
    const block = bytes === undefined ? "" : tryDecode(last.firstOffset, bytes);
    return block instanceof Block ? block.chainHash : Buffer.alloc(32);
  }

  /** Deletes all blocks before `to`, and what the index has of them. */
  async #remove(to: number, step: () => void = () => {}): Promise<void> {
    const core = this.#core;
    let sliceStart = (await core.storage.blocks.oldest()) ?? to;
    let bytes = 0;
    for await (const entry of core.storage.index.blocks.ascending(0)) {
      if (entry.firstOffset >= to) break;
      bytes += entry.bytes;
      if (bytes < sliceBytes) continue;
      await this.#removeSlice(sliceStart, entry.nextOffset, step);
      sliceStart = entry.nextOffset;
      bytes = 0;
    }
    await this.#removeSlice(sliceStart, to, step);
    await forgetBefore(core.storage.index, to, step);
  }

  async #removeSlice(from: number, to: number, step: () => void): Promise<void> {
    try {
      step();
      if (from < to) await this.#core.storage.blocks.remove(from, to);
    } catch (error) {
      // The rest is deleted at the next open.
      if (isFedbusError(error, "CLOSED")) return;
      throw error;
    }
  }
}
