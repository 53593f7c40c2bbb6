import { FedbusError, isFedbusError } from "../../../schemas/errors.js";
import { TopicFilter } from "../../../schemas/topic-filter.js";
import { Block } from "../../block/block.js";
import { isClosed } from "../../storage/database.js";
import { checkLimits, type TrimLimits } from "../front-cut.js";
import type { TrimOptions, TrimResult } from "../retention.js";
import type { TrimPlan } from "../trim-plan.js";
import type { BlockEntry } from "./block-table.js";
import type { Committer } from "./committer.js";
import { findFront } from "./front-trim.js";
import { forgetBefore } from "./index-trim.js";
import { isIndexDamage } from "./index-values.js";
import { planLevelTrim } from "./level-trim-plan.js";
import type { LogCore } from "./log-core.js";
import { type TrimSteps, trimPattern } from "./pattern-trim.js";
import type { Storage } from "./storage.js";
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
  readonly #committer: Committer;
  readonly #ending = new AbortController();
  #queue: Promise<unknown> = Promise.resolve();

  constructor(core: LogCore, committer: Committer) {
    this.#core = core;
    this.#committer = committer;
  }

  trim(options: TrimOptions): Promise<TrimResult> {
    return this.#onStorage((storage) => this.#trim(storage, options));
  }

  plan(options: TrimOptions): Promise<TrimPlan> {
    return this.#onStorage(async (storage) => {
      const { filter, limits, step } = this.#ask(options);
      await storage.index.settled();
      const question = { limits, step, ...(filter !== undefined && { filter }) };
      return planLevelTrim(this.#core, storage, question);
    });
  }

  /** Deletes what a trim that was cut off by a crash has left behind. */
  resume(): void {
    const steps = { step: () => this.#ending.signal.throwIfAborted(), tell: () => {} };
    this.#onStorage((storage) => this.#remove(storage, this.#core.first, steps)).catch((error) => {
      if (!this.#ending.signal.aborted)
        this.#core.options.logger.warn({ error }, "removing trimmed blocks failed");
    });
  }

  /** Ends the trim in flight at its next step. */
  async close(): Promise<void> {
    this.#ending.abort(new FedbusError("CLOSED", "the log was closed"));
    await this.#queue;
  }

  /** Runs `work` in turn, on one storage to its end. An index that fails, or is damaged, is fenced. */
  #onStorage<Result>(work: (storage: Storage) => Promise<Result>): Promise<Result> {
    const done = this.#queue.then(async () => {
      const { storage } = this.#core;
      try {
        return await work(storage);
      } catch (cause) {
        const failed = storage.index.failure !== undefined || isIndexDamage(cause);
        if (failed) void this.#committer.reopen(cause, storage);
        if (!failed && !isClosed(cause)) throw cause;
        this.#core.checkOpen();
        throw new FedbusError("LOG_WRITE_FAILED", "the log is being opened again", { cause });
      }
    });
    this.#queue = done.catch(() => {});
    return done;
  }

  async #trim(storage: Storage, options: TrimOptions): Promise<TrimResult> {
    const core = this.#core;
    core.checkWritable();
    const { filter, limits, ...steps } = this.#ask(options);
    await storage.index.settled();
    if (filter === undefined) return this.#trimFront(storage, limits, steps);
    const removed = await trimPattern(core, storage, this.#committer, { filter, limits, ...steps });
    return { removed, first: core.first };
  }

  /** The options, checked; no filter means the whole log. */
  #ask({ pattern, signal, onProgress, ...options }: TrimOptions) {
    const { now = this.#core.options.clock() } = options;
    const limits = { ...options, now };
    checkLimits(limits);
    const ending = signal === undefined ? [this.#ending.signal] : [this.#ending.signal, signal];
    const step = (): void => {
      for (const one of ending) one.throwIfAborted();
    };
    const filter = pattern === undefined || pattern === "#" ? undefined : TopicFilter.of(pattern);
    const tell = (done: number, total: number): void => onProgress?.({ done, total });
    return { filter, limits, step, tell };
  }

  async #trimFront(storage: Storage, limits: TrimLimits, steps: TrimSteps): Promise<TrimResult> {
    const core = this.#core;
    const { last, removed } = await findFront(core, storage.index, limits);
    steps.step();
    if (last === undefined) return { removed: 0, first: core.first };
    await this.#moveFirst(storage, last);
    await this.#remove(storage, core.first, steps);
    return { removed, first: core.first };
  }

  /** Durably puts the log's first offset behind `last`. */
  async #moveFirst(storage: Storage, last: BlockEntry): Promise<void> {
    const core = this.#core;
    const first = last.nextOffset;
    const hash = (await this.#hashBefore(storage, last)).toString("hex");
    core.horizons.dropBefore(first);
    await core.opened.file.update({
      base: { first, hash, epoch: last.epoch },
      horizons: core.horizons.list(),
      lost: core.opened.file.state.lost.filter(({ to }) => to > first),
    });
    storage.index.first = first;
    core.scans.clear();
    core.watch.notify();
  }

  /** What the block after `last` names as its predecessor's hash. */
  async #hashBefore({ blocks }: Storage, last: BlockEntry): Promise<Buffer> {
    const core = this.#core;
    if (last.nextOffset === core.head) return core.hash;
    const next = await blocks.raw(last.nextOffset);
    const nextBlock = next === undefined ? "" : tryDecode(last.nextOffset, next);
    if (nextBlock instanceof Block) return nextBlock.previous;
    const bytes = await blocks.raw(last.firstOffset);
    const block = bytes === undefined ? "" : tryDecode(last.firstOffset, bytes);
    return block instanceof Block ? block.chainHash : Buffer.alloc(32);
  }

  /** Deletes all blocks before `to`, and what the index has of them. */
  async #remove(storage: Storage, to: number, { step, tell }: TrimSteps): Promise<void> {
    const from = (await storage.blocks.oldest()) ?? to;
    let sliceStart = from;
    let bytes = 0;
    for await (const entry of storage.index.blocks.ascending(0)) {
      if (entry.firstOffset >= to) break;
      bytes += entry.bytes;
      if (bytes < sliceBytes) continue;
      await this.#removeSlice(storage, { from: sliceStart, to: entry.nextOffset }, step);
      sliceStart = entry.nextOffset;
      bytes = 0;
      tell(sliceStart - from, to - from);
    }
    await this.#removeSlice(storage, { from: sliceStart, to }, step);
    await forgetBefore(storage.index, { cut: to, logEpoch: this.#core.epoch }, step);
  }

  async #removeSlice(
    storage: Storage,
    { from, to }: { readonly from: number; readonly to: number },
    step: () => void,
  ): Promise<void> {
    try {
      step();
      if (from >= to) return;
      await this.#committer.change(storage, () => storage.blocks.remove(from, to));
      await storage.blocks.compact(from, to);
    } catch (error) {
      // The rest is deleted at the next open.
      if (isFedbusError(error, "CLOSED")) return;
      throw error;
    }
  }
}
