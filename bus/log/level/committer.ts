import { setTimeout as sleep } from "node:timers/promises";
import { FedbusError, isFedbusError } from "../../../schemas/errors.js";
import type { Block } from "../../block/block.js";
import type { BlockDraft } from "../../block/draft.js";
import { encodeLogged } from "../../block/encode.js";
import { isClosed, isDiskFull } from "../../storage/database.js";
import { isIndexDamage } from "./index-values.js";
import { dropKeptWrites, keepWrites } from "./kept-writes.js";
import type { LogCore } from "./log-core.js";
import { Storage } from "./storage.js";

const reopenDelayMsMin = 100;
const reopenDelayMsMax = 5_000;

/**
 * Appends, and gets the log going again after a failed write.
 *
 * After one failed write LevelDB's handle goes on accepting, and loses what it accepted: 4,000 of
 * 4,000 acknowledged events when the disk had been full for a moment. An fsync that failed must
 * not be tried again either, since the kernel marks the pages clean. So the first error shuts
 * the handle; the databases are opened anew, which replays what did reach the disk; and what is
 * found there decides whether the batch in doubt was stored.
 */
export class Committer {
  readonly #core: LogCore;
  readonly #ending = new AbortController();
  #queue: Promise<unknown> = Promise.resolve();
  /** Recoveries under way or waiting for their turn, and what to call when there are none left. */
  #shuts = 0;
  /** Refuses the changes whose turn has not come. */
  readonly #waiting = new Set<(reason: Error) => void>();
  #letIn = (): void => {};

  constructor(core: LogCore) {
    this.#core = core;
  }

  async append(drafts: readonly BlockDraft[]): Promise<readonly Block[]> {
    this.#core.checkWritable();
    return this.#inTurn(() => this.#append(drafts));
  }

  /**
   * Runs a `write` to the blocks of `storage` that is no append, with no append in flight: one that
   * LevelDB takes right after a failed write is lost. Rejects with LOG_WRITE_FAILED when it fails,
   * the log then being opened again, or at once when `storage` is given up before its turn has come.
   * Not for inside `LogIndex.enqueue`: the append whose turn it is may wait for that.
   */
  change<Result>(storage: Storage, write: () => Promise<Result>): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.#core.checkWritable();
      this.#waiting.add(reject);
      this.#inTurn(() => {
        this.#waiting.delete(reject);
        return this.#change(storage, write);
      }).then(resolve, reject);
    });
  }

  async #change<Result>(storage: Storage, write: () => Promise<Result>): Promise<Result> {
    const core = this.#core;
    core.checkWritable();
    if (core.storage !== storage)
      throw new FedbusError("LOG_WRITE_FAILED", "the log was opened again meanwhile");
    try {
      return await write();
    } catch (cause) {
      if (!isClosed(cause)) void this.reopen(cause, storage);
      throw new FedbusError("LOG_WRITE_FAILED", "changing stored blocks failed", { cause });
    }
  }

  /**
   * Opens the databases again, in turn, because a write to `failed` or reading its index has failed.
   * Appends are refused from now on. Resolves when that is done, or was given up.
   */
  async reopen(cause: unknown, failed: Storage = this.#core.storage): Promise<void> {
    const core = this.#core;
    if (core.storage !== failed) return;
    const open = this.#shut();
    core.options.logger.error({ error: cause }, "the databases failed; opening the log again");
    await this.#inTurn(async () => {
      if (core.storage !== failed) return;
      // What is closing does not open again, and takes no more on what has failed.
      if (this.#ending.signal.aborted) throw this.#stop(closedMeanwhile(cause));
      if (isIndexDamage(cause)) await failed.index.condemn().catch(() => {});
      await this.#recover(cause);
    })
      .catch((error) => core.options.logger.error({ error }, "the log stays closed"))
      .finally(open);
  }

  /** Waits for the append in flight; ends a recovery. */
  async close(): Promise<void> {
    this.#ending.abort();
    await this.#queue;
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => {});
    return done;
  }

  async #append(drafts: readonly BlockDraft[]): Promise<readonly Block[]> {
    const core = this.#core;
    core.checkWritable();
    if (drafts.length === 0) return [];
    this.#checkIndex();
    let bytes = 0;
    for (const { body } of drafts) bytes += body.length;
    await core.opened.disk.check(bytes);
    const blocks = this.#place(drafts);
    const [stored, owned] = await Promise.allSettled([
      core.storage.blocks.commit(blocks),
      core.opened.file.checkOwned(),
    ]);
    if (owned.status === "rejected") throw this.#stop(owned.reason);
    if (stored.status === "rejected") await this.#settle(blocks, stored.reason);
    else await this.#accept(blocks);
    return blocks;
  }

  /** Throws if the index has failed, having the log opened again before anything is added. */
  #checkIndex(): void {
    const { failure } = this.#core.storage.index;
    if (failure === undefined) return;
    void this.reopen(failure);
    this.#core.checkWritable();
  }

  #place(drafts: readonly BlockDraft[]): Block[] {
    const { clock } = this.#core.options;
    const { epoch } = this.#core;
    const recordedAt = Math.max(this.#core.recordedAt, clock());
    let { head: firstOffset, hash: previous } = this.#core;
    const blocks = drafts.map((draft) => {
      const block = encodeLogged(draft, { firstOffset, recordedAt, epoch, previous });
      firstOffset = block.nextOffset;
      previous = block.hash;
      return block;
    });
    this.#core.placedAt = recordedAt;
    return blocks;
  }

  /** Index entries are written while further commits sync; they fall behind by a bounded number. */
  async #accept(blocks: readonly Block[]): Promise<void> {
    const core = this.#core;
    core.advance(blocks);
    core.watch.notify();
    const { index } = core.storage;
    try {
      await index.room();
      index.apply(blocks);
    } catch (error) {
      // The blocks are durable whatever becomes of the index, which will be made up from them.
      void this.reopen(error);
    }
  }

  /** The outcome of a failed commit: resolves if it was stored after all. */
  async #settle(blocks: readonly Block[], cause: unknown): Promise<void> {
    const core = this.#core;
    core.options.logger.error({ error: cause }, "a commit failed; opening the log again");
    const tail = await this.#recover(cause);
    const last = blocks.at(-1)!;
    if (tail.head === last.nextOffset && tail.hash.equals(last.chainHash)) {
      core.advance(blocks);
      core.watch.notify();
      return;
    }
    if (tail.head !== core.head) throw this.#stop(tail);
    core.placedAt = undefined;
    throw new FedbusError("LOG_WRITE_FAILED", "the write failed; nothing of it was kept", {
      cause,
    });
  }

  /** Closes both databases and opens them until it works. Resolves with where the log now ends. */
  async #recover(cause: unknown): Promise<{ readonly head: number; readonly hash: Buffer }> {
    const core = this.#core;
    const open = this.#shut();
    try {
      await core.storage.close().catch((error) => {
        core.options.logger.warn({ error }, "closing the failed databases failed");
      });
      for (let delayMs = reopenDelayMsMin; ; delayMs = Math.min(delayMs * 2, reopenDelayMsMax)) {
        const opened = await this.#tryOpen();
        if (opened !== undefined) return opened;
        await this.#pause(delayMs, cause);
      }
    } finally {
      open();
    }
  }

  /** Refuses appends and has readers wait, until all functions that this returned were called. */
  #shut(): () => void {
    const core = this.#core;
    if (this.#shuts++ === 0) {
      const { promise, resolve } = promiseWithResolve();
      core.reopening = promise;
      this.#letIn = resolve;
      for (const refuse of this.#waiting)
        refuse(new FedbusError("LOG_WRITE_FAILED", "the log is being opened again"));
      this.#waiting.clear();
    }
    return () => {
      if (--this.#shuts > 0) return;
      core.reopening = undefined;
      this.#letIn();
    };
  }

  async #tryOpen(): Promise<{ readonly head: number; readonly hash: Buffer } | undefined> {
    const { opened, options } = this.#core;
    let storage: Storage | undefined;
    try {
      await opened.file.checkOwned();
      await keepWrites(opened.dir);
      storage = await Storage.open(opened.dir, opened.file.state, options.logger);
      const tail = await storage.checkTail(opened.file.state, opened.witness.read());
      if (tail.lost.length > 0)
        throw new FedbusError("LOG_CORRUPT", "acknowledged events are lost", {
          details: { from: tail.lost[0]!.from, to: tail.lost.at(-1)!.to, lost: tail.lost },
        });
      await dropKeptWrites(opened.dir);
      await storage.catchUp(opened.file.state, tail, options.logger);
      this.#core.storage = storage;
      opened.disk.ensureBallast();
      return tail;
    } catch (error) {
      await storage?.close().catch(() => {});
      options.logger.warn({ error }, "opening the log again failed");
      if (isFedbusError(error, "LOG_CORRUPT") || isFedbusError(error, "LOG_FENCED"))
        throw this.#stop(error);
      if (isDiskFull(error)) await opened.disk.dropBallast();
      return undefined;
    }
  }

  /** Rejects when the log is closed meanwhile: then nobody knows what became of the batch. */
  async #pause(delayMs: number, cause: unknown): Promise<void> {
    try {
      await sleep(delayMs, undefined, { signal: this.#ending.signal });
    } catch {
      throw closedMeanwhile(cause);
    }
  }

  #stop(reason: unknown): FedbusError {
    const error = isFedbusError(reason)
      ? reason
      : new FedbusError("LOG_CORRUPT", "the log is not what was written", { cause: reason });
    this.#core.stopped ??= error;
    this.#core.options.logger.error({ error }, "the log takes no more events");
    return error;
  }
}

function closedMeanwhile(cause: unknown): FedbusError {
  return new FedbusError("PUBLISH_UNKNOWN", "closed before the log could be opened again", {
    cause,
  });
}

function promiseWithResolve(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
