import { FedbusError } from "../../../schemas/errors.js";
import type { Block } from "../../block/block.js";
import { isClosed } from "../../storage/database.js";
import { BlockWindow } from "../block-window.js";
import { HeadWatch } from "../head-watch.js";
import { Horizons } from "../horizons.js";
import type { LevelLogOptions } from "./level-options.js";
import type { OpenedLog } from "./open-log.js";
import { OpenScans } from "./open-scans.js";
import type { Storage } from "./storage.js";

/**
 * What the parts of an open `LevelLog` share: its place, its files, and the door to its databases,
 * which recovery shuts while it opens them anew.
 */
export class LogCore {
  readonly options: Required<LevelLogOptions>;
  readonly opened: OpenedLog;
  readonly watch = new HeadWatch();
  readonly horizons: Horizons;
  readonly recent: BlockWindow;
  readonly scans = new OpenScans();
  storage: Storage;
  head: number;
  hash: Buffer;
  /** The time of the newest event, or a later one that was given away: none comes before it. */
  recordedAt: number;
  /** The time of the append that is under way, until it is known whether it was stored. */
  placedAt: number | undefined;
  /** Why nothing more can be appended; set once and for good. */
  stopped: FedbusError | undefined;
  /** Resolves when the databases are open again; undefined while they are. */
  reopening: Promise<void> | undefined;

  constructor(opened: OpenedLog, options: Required<LevelLogOptions>) {
    const { storage, tail, file } = opened;
    this.options = options;
    this.opened = opened;
    this.storage = storage;
    this.head = tail.head;
    this.hash = tail.hash;
    this.recordedAt = Math.max(tail.recordedAt, opened.witness.readTime() ?? 0);
    this.horizons = new Horizons(file.state.horizons);
    this.recent = new BlockWindow(options.recentBytesMax);
  }

  get first(): number {
    return this.opened.file.state.base.first;
  }

  get epoch(): number {
    return this.opened.file.state.epoch;
  }

  checkOpen(): void {
    if (this.watch.closed) throw new FedbusError("CLOSED", "the log was closed");
  }

  /** Throws unless something may be appended now. */
  checkWritable(): void {
    this.checkOpen();
    if (this.stopped !== undefined) throw this.stopped;
    if (this.reopening !== undefined)
      throw new FedbusError("LOG_WRITE_FAILED", "the log is being opened again after a failure");
  }

  /** Takes `blocks` in, once they are durable. */
  advance(blocks: readonly Block[]): void {
    const last = blocks.at(-1);
    if (last === undefined) return;
    for (const block of blocks) this.recent.push(block);
    this.head = last.nextOffset;
    this.hash = last.chainHash;
    this.recordedAt = last.recordedAt;
    this.placedAt = undefined;
    this.#note(() => this.opened.witness.write(this));
  }

  /** As `EventLog.time`. What is given away binds also when the append fails, and after a restart. */
  time(): number | undefined {
    if (this.watch.closed || this.stopped !== undefined) return undefined;
    const time = this.placedAt ?? this.options.clock();
    if (time > this.recordedAt) {
      this.recordedAt = time;
      this.#note(() => this.opened.witness.writeTime(time));
    }
    return this.recordedAt;
  }

  /** The blocks are durable whatever becomes of the witness, which is then merely older. */
  #note(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.options.logger.warn({ error }, "the head could not be noted outside the databases");
    }
  }

  /**
   * Runs `use` on the open databases. While they are being opened again it waits, and what that
   * cut off is run once more: readers notice nothing of a recovery but the time it takes.
   */
  async withStorage<Result>(
    use: (storage: Storage) => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> {
    for (;;) {
      signal?.throwIfAborted();
      this.checkOpen();
      if (this.reopening !== undefined) await abortable(this.reopening, signal);
      this.checkOpen();
      const { storage } = this;
      try {
        return await use(storage);
      } catch (error) {
        if (!isClosed(error)) throw error;
        if (this.reopening === undefined && storage === this.storage) {
          this.checkOpen();
          throw this.stopped ?? error;
        }
      }
    }
  }
}

async function abortable(waiting: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return waiting;
  let abort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort);
  });
  try {
    await Promise.race([waiting, aborted]);
  } finally {
    if (abort !== undefined) signal.removeEventListener("abort", abort);
  }
}
