import { FedbusError } from "../../schemas/errors.js";
import type { Block } from "../block/block.js";
import type { BlockDraft } from "../block/draft.js";
import { mergeDrafts } from "../block/merge.js";
import type { EventLog } from "../log/event-log.js";
import { refusalBytesOf } from "./refusals.js";

/** Refusals of several batches in one block, bytes. One batch alone may have more. */
const mergedRefusalBytesMax = 1024 * 1024;

export interface CommitterOptions {
  /** Bytes waiting or being written, at most; past it `room` waits. Default 32 MiB. */
  readonly pendingBytesMax?: number;
  /** Bytes of one commit, at most. Default 8 MiB. */
  readonly commitBytesMax?: number;
}

/** What a committer tells its owner. */
export interface CommitterEvents {
  /** Called as soon as a commit has failed, before anyone who waits for it is told. */
  readonly onFailed?: () => void;
}

interface Waiting {
  readonly draft: BlockDraft;
  readonly resolve: (firstOffset: number) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: while one fsync runs, everything that arrives waits and goes into the next one.
 *
 * A failed commit fails everything that waits behind it too: events behind a hole in their
 * producer's sequence must not be stored.
 */
export class Committer {
  readonly #log: EventLog;
  readonly #pendingBytesMax: number;
  readonly #commitBytesMax: number;
  readonly #onFailed: () => void;
  #waiting: Waiting[] = [];
  #pendingBytes = 0;
  #running: Promise<void> | undefined;
  #roomWaiters: (() => void)[] = [];

  constructor(log: EventLog, options: CommitterOptions & CommitterEvents = {}) {
    this.#log = log;
    this.#pendingBytesMax = options.pendingBytesMax ?? 32 * 1024 * 1024;
    this.#commitBytesMax = options.commitBytesMax ?? 8 * 1024 * 1024;
    this.#onFailed = options.onFailed ?? (() => {});
  }

  /** Resolves with the offset of the draft's first event once it is durable. */
  commit(draft: BlockDraft): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ draft, resolve, reject });
      this.#pendingBytes += draft.body.length;
      this.#running ??= this.#run();
    });
  }

  /** Resolves when what waits is below the bound. */
  async room(): Promise<void> {
    while (this.#pendingBytes >= this.#pendingBytesMax)
      await new Promise<void>((resolve) => this.#roomWaiters.push(resolve));
  }

  /** Resolves when nothing waits and nothing is being written. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    // What the same turn brings goes into the first commit too; a whole turn would be a delay.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const group = this.#take();
      try {
        const blocks = await this.#log.append(merged(group));
        settle(group, blocks);
      } catch (error) {
        this.#failAll(group, error);
      }
      this.#release(group);
    }
    this.#running = undefined;
  }

  #take(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { draft } of this.#waiting) {
      bytes += draft.body.length;
      if (count > 0 && bytes > this.#commitBytesMax) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  #failAll(group: Waiting[], error: unknown): void {
    const behind = this.#waiting;
    this.#waiting = [];
    const failure =
      error instanceof FedbusError
        ? error
        : new FedbusError("INTERNAL", "the commit failed", { cause: error });
    this.#onFailed();
    for (const item of [...group, ...behind]) item.reject(failure);
    this.#release(behind);
  }

  #release(items: readonly Waiting[]): void {
    for (const { draft } of items) this.#pendingBytes -= draft.body.length;
    for (const wake of this.#roomWaiters.splice(0)) wake();
  }
}

/** Small drafts as one block, but none with more than so many bytes of refusals beside its events. */
function merged(group: readonly Waiting[]): BlockDraft[] {
  const blocks: BlockDraft[] = [];
  let run: BlockDraft[] = [];
  let bytes = 0;
  for (const { draft } of group) {
    const more = refusalBytesOf(draft);
    bytes += more;
    if (run.length > 0 && bytes > mergedRefusalBytesMax) {
      blocks.push(...mergeDrafts(run));
      run = [];
      bytes = more;
    }
    run.push(draft);
  }
  blocks.push(...mergeDrafts(run));
  return blocks;
}

/** Drafts were merged in order and stored in order, so offsets simply run on. */
function settle(group: readonly Waiting[], blocks: readonly Block[]): void {
  let offset = blocks[0]!.firstOffset;
  for (const { draft, resolve } of group) {
    resolve(offset);
    offset += draft.count;
  }
}
