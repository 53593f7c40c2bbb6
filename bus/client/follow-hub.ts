import { FedbusError, isFedbusError } from "../../schemas/errors.js";
import { Block } from "../block/block.js";
import { selectEvents } from "../block/encode.js";
import type { Logger } from "../kernel/logger.js";
import type { EventSource, FollowedPage, FollowOptions } from "../log/event-source.js";
import type { FrameHeader } from "../wire/broadcast.js";
import { decodeFrameHeader, keyOf } from "../wire/broadcast.js";
import { beaconMs } from "../wire/limits.js";
import type { Subscriber } from "../wire/sockets.js";
import { openSubscriber } from "../wire/sockets.js";

/** A hub that sends not even a beacon for this long is called silent. */
const silentMs = beaconMs * 4;
/** A gap is read from the log in pages of this size. */
const backfillBytes = 1024 * 1024;
const retryMs = { first: 100, most: 2000 };

interface Frame extends FrameHeader {
  readonly blocks: readonly Buffer[];
}

interface Context {
  readonly closing: AbortSignal;
  readonly logger: Logger;
}

/**
 * Follows a hub: subscribes first, then reads what it has missed, then goes live. Each matching
 * event comes once and in order, because every frame says which offsets it covers: a frame that
 * starts past the reader's place shows a gap, which is read from the log; one that ends before it
 * is old. Nothing is buffered here: while the caller is busy the socket's small queue fills, frames
 * drop, and the gap is read later.
 */
export async function* followHub(
  source: EventSource,
  url: string,
  options: FollowOptions,
  context: Context,
): AsyncGenerator<FollowedPage> {
  const patterns = options.patterns ?? ["#"];
  const socket = openSubscriber(url, keyOf(patterns));
  const stop = (): void => socket.close();
  for (const signal of [options.signal, context.closing])
    signal?.aborted === true ? stop() : signal?.addEventListener("abort", stop, { once: true });
  try {
    yield* new HubFollower(source, socket, options, context).pages();
  } finally {
    for (const signal of [options.signal, context.closing])
      signal?.removeEventListener("abort", stop);
    socket.close();
  }
}

class HubFollower {
  readonly #source: EventSource;
  readonly #socket: Subscriber;
  readonly #options: FollowOptions;
  readonly #context: Context;
  /** The next offset wanted; undefined until a live follower has seen its first frame. */
  #next: number | undefined;
  /** The last event delivered, by which a rolled-back log is recognised. */
  #last: { readonly offset: number; readonly epoch: number } | undefined;
  #epoch: number | undefined;
  #caughtUp = false;

  constructor(source: EventSource, socket: Subscriber, options: FollowOptions, context: Context) {
    this.#source = source;
    this.#socket = socket;
    this.#options = options;
    this.#context = context;
    if (options.from === "live") return;
    this.#next = options.from;
    if (options.epoch !== undefined && options.from > 0)
      this.#last = { offset: options.from - 1, epoch: options.epoch };
  }

  async *pages(): AsyncGenerator<FollowedPage> {
    for await (const frame of this.#frames()) {
      this.#next ??= frame.prev;
      if (frame.epoch !== this.#epoch) await this.#checkEpoch(frame);
      if (frame.prev > this.#next) yield* this.#backfill(frame.prev);
      if (frame.prev > this.#next) continue;
      if (frame.next > this.#next) {
        const blocks = this.#take(frame.blocks.map((bytes) => Block.decode(bytes)));
        this.#next = frame.next;
        yield this.#page(blocks, true);
      } else if (!this.#caughtUp) yield this.#page([], true);
    }
  }

  /** Reads from the log until `to`, and on as long as a page does not reach the head. */
  async *#backfill(to: number): AsyncGenerator<FollowedPage> {
    this.#caughtUp = false;
    while (this.#next! < to) {
      const page = await this.#read();
      if (page === undefined) return;
      const blocks = this.#take(page.blocks);
      this.#next = page.next;
      yield this.#page(blocks, false);
      if (page.done && page.next < to) return;
    }
  }

  async #read() {
    const { patterns, signal } = this.#options;
    for (let waitMs = retryMs.first; ; waitMs = Math.min(waitMs * 2, retryMs.most)) {
      try {
        return await this.#source.read({
          from: this.#next!,
          bytesMax: backfillBytes,
          ...(patterns === undefined ? {} : { patterns }),
        });
      } catch (error) {
        if (signal?.aborted === true || this.#context.closing.aborted) return undefined;
        if (!isFedbusError(error) || !error.retryable) throw error;
        this.#context.logger.warn({ error: error.message }, "reading the gap failed; trying again");
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    }
  }

  /** What is new of these blocks, checked. */
  #take(blocks: readonly Block[]): Block[] {
    const fresh: Block[] = [];
    for (const block of blocks) {
      if (block.nextOffset <= this.#next!) continue;
      block.checkBody();
      fresh.push(block.firstOffset >= this.#next! ? block : tailOf(block, this.#next!));
    }
    const last = fresh.at(-1);
    if (last !== undefined) this.#last = { offset: last.nextOffset - 1, epoch: last.epoch };
    return fresh;
  }

  #page(blocks: readonly Block[], atHead: boolean): FollowedPage {
    const caughtUp = atHead && !this.#caughtUp;
    if (atHead) this.#caughtUp = true;
    return { blocks, next: this.#next!, caughtUp };
  }

  /** The hub was started anew: is its log still the one that was read so far? */
  async #checkEpoch(frame: FrameHeader): Promise<void> {
    if (frame.next < this.#next!)
      throw new FedbusError(
        "LOG_DIVERGED",
        `the hub's log ends at ${frame.next}, but ${this.#next} was already read`,
        { details: { head: frame.next, next: this.#next } },
      );
    if (this.#last !== undefined) await this.#checkLast(this.#last);
    this.#epoch = frame.epoch;
  }

  async #checkLast(last: { readonly offset: number; readonly epoch: number }): Promise<void> {
    try {
      await this.#source.read({ from: last.offset + 1, epoch: last.epoch, bytesMax: 1 });
    } catch (error) {
      // Retention took the event: nothing is left to compare with.
      if (!isFedbusError(error, "LOG_TRUNCATED")) throw error;
    }
  }

  async *#frames(): AsyncGenerator<Frame> {
    const { closing, logger } = this.#context;
    let silent = false;
    const timer = setTimeout(() => {
      silent = true;
      logger.warn({}, "the hub is silent; waiting for it");
    }, silentMs);
    try {
      for (;;) {
        timer.refresh();
        const message = await this.#receive();
        clearTimeout(timer);
        if (message === undefined) break;
        if (silent) logger.info({}, "the hub is back");
        silent = false;
        const [, header, ...blocks] = message;
        yield { ...decodeFrameHeader(header ?? Buffer.alloc(0)), blocks };
      }
      closing.throwIfAborted();
    } finally {
      clearTimeout(timer);
    }
  }

  /** The next message, or undefined once the socket is closed. */
  async #receive(): Promise<Buffer[] | undefined> {
    try {
      return this.#socket.closed ? undefined : await this.#socket.receive();
    } catch (error) {
      if (this.#socket.closed) return undefined;
      throw error;
    }
  }
}

function tailOf(block: Block, from: number): Block {
  const indices: number[] = [];
  for (let index = 0; index < block.count; index++)
    if (block.offsetOf(index) >= from) indices.push(index);
  return selectEvents(block, indices);
}
