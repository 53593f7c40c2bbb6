import { FedbusError, isFedbusError } from "../../schemas/errors.js";
import { Block } from "../block/block.js";
import { selectEvents } from "../block/reduce.js";
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
  /** The log that is followed: a hub that comes back with another one is told apart. */
  readonly logId: string;
  /** Asks the hub where it broadcasts now. */
  readonly locate: () => Promise<string>;
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
  const key = keyOf(patterns);
  const socket = openSubscriber(url, key);
  const stop = (): void => socket.close();
  for (const signal of [options.signal, context.closing])
    signal?.aborted === true ? stop() : signal?.addEventListener("abort", stop, { once: true });
  try {
    yield* new HubFollower(source, { socket, url, key }, options, context).pages();
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
  readonly #key: string;
  #url: string;
  /** The next offset wanted; undefined until a live follower has seen its first frame. */
  #next: number | undefined;
  /** The hub's epoch in the newest frame. */
  #epoch: number | undefined;
  #caughtUp = false;

  constructor(
    source: EventSource,
    connected: { readonly socket: Subscriber; readonly url: string; readonly key: string },
    options: FollowOptions,
    context: Context,
  ) {
    this.#source = source;
    this.#socket = connected.socket;
    this.#url = connected.url;
    this.#key = connected.key;
    this.#options = options;
    this.#context = context;
    if (options.from === "live") return;
    this.#next = options.from;
  }

  async *pages(): AsyncGenerator<FollowedPage> {
    for await (const frame of this.#frames()) {
      this.#next ??= frame.prev;
      if (frame.epoch !== this.#epoch) await this.#checkLog(frame);
      if (frame.prev > this.#next) yield* this.#backfill(frame.prev);
      if (frame.prev > this.#next) continue;
      if (frame.next > this.#next) {
        const blocks = this.#take(frame.blocks.map((bytes) => Block.decode(bytes)));
        this.#next = frame.next;
        yield this.#page(blocks, frame);
      } else if (!this.#caughtUp || this.#timeOf(frame) !== undefined) yield this.#page([], frame);
    }
  }

  /** The log's time, if it is wanted and the frame tells it for just this reader's place. */
  #timeOf(frame: FrameHeader): number | undefined {
    return this.#options.beacons === true && frame.next === this.#next ? frame.at : undefined;
  }

  /**
   * Reads from the log up to `to`, and not past it: what comes behind is the frames', which also say
   * when the hub was started anew.
   */
  async *#backfill(to: number): AsyncGenerator<FollowedPage> {
    this.#caughtUp = false;
    const { patterns } = this.#options;
    const wanted = { to, bytesMax: backfillBytes, ...(patterns === undefined ? {} : { patterns }) };
    while (this.#next! < to) {
      const page = await this.#retry(() => this.#source.read({ from: this.#next!, ...wanted }));
      if (page === undefined) return;
      const blocks = this.#take(page.blocks);
      this.#next = page.next;
      yield this.#page(blocks);
      if (page.done && page.next < to) return;
    }
  }

  /** Asks the hub until it answers; undefined once the follower is being closed. */
  async #retry<T>(ask: () => Promise<T>): Promise<T | undefined> {
    const { signal } = this.#options;
    for (let waitMs = retryMs.first; ; waitMs = Math.min(waitMs * 2, retryMs.most)) {
      try {
        return await ask();
      } catch (error) {
        if (signal?.aborted === true || this.#context.closing.aborted) return undefined;
        if (!isFedbusError(error) || !error.retryable) throw error;
        this.#context.logger.warn({ error: error.message }, "asking the hub failed; trying again");
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
    return fresh;
  }

  /** What is yielded; `frame` is where it comes from, unless it was read from the log. */
  #page(blocks: readonly Block[], frame?: FrameHeader): FollowedPage {
    const caughtUp = frame !== undefined && !this.#caughtUp;
    if (frame !== undefined) this.#caughtUp = true;
    const time = frame === undefined ? undefined : this.#timeOf(frame);
    return { blocks, next: this.#next!, caughtUp, ...(time !== undefined && { time }) };
  }

  /** The first frame, or the hub was started anew: is its log the one that was read so far? */
  async #checkLog(frame: FrameHeader): Promise<void> {
    const next = this.#next!;
    const epoch = this.#epoch;
    await this.#retry(() =>
      epoch === undefined ? this.#checkStart(frame, next) : this.#checkSame(epoch, next),
    );
    this.#epoch = frame.epoch;
  }

  /** Reads at the start's offset: OFFSET_INVALID or LOG_DIVERGED if there is no such place. */
  async #checkStart(frame: FrameHeader, next: number): Promise<void> {
    const { epoch } = this.#options;
    // A frame may end before the head, so one that ends before the start proves nothing.
    if (epoch === undefined && next <= frame.next) return;
    await this.#readAt({ from: next, ...(epoch === undefined ? {} : { epoch }) });
  }

  /**
   * What a rolled-back log wrote anew has a newer epoch than the frames seen before the restart.
   * Throws LOG_DIVERGED.
   */
  async #checkSame(epoch: number, next: number): Promise<void> {
    const { logId, head } = await this.#source.info();
    if (logId !== this.#context.logId) throw diverged("is another one", next);
    if (head < next) throw diverged(`ends at ${head}`, next);
    const [block] = next === 0 ? [] : await this.#readAt({ from: next - 1, to: next });
    if (block !== undefined && block.epoch > epoch) throw diverged("was written anew", next);
  }

  /** One block; none if retention took it, so that nothing is left to compare with. */
  async #readAt(place: { from: number; to?: number; epoch?: number }): Promise<readonly Block[]> {
    try {
      return (await this.#source.read({ ...place, bytesMax: 1 })).blocks;
    } catch (error) {
      if (isFedbusError(error, "LOG_TRUNCATED")) return [];
      throw error;
    }
  }

  async *#frames(): AsyncGenerator<Frame> {
    const { closing, logger } = this.#context;
    for (;;) {
      let silent = false;
      const watch = setInterval(() => {
        if (!silent) logger.warn({}, "the hub is silent; waiting for it");
        silent = true;
        void this.#findAgain();
      }, silentMs);
      const message = await this.#receive().finally(() => clearInterval(watch));
      if (message === undefined) break;
      if (silent) logger.info({}, "the hub is back");
      const [, header, ...blocks] = message;
      yield { ...decodeFrameHeader(header ?? Buffer.alloc(0)), blocks };
    }
    closing.throwIfAborted();
  }

  /**
   * A hub that was started anew may broadcast elsewhere: it is asked where. One that is where it was
   * may have been told, by somebody else, that nobody wants the key any more: it is told again.
   */
  async #findAgain(): Promise<void> {
    try {
      const url = await this.#context.locate();
      if (this.#socket.closed) return;
      if (url === this.#url) {
        this.#socket.unsubscribe(this.#key);
        this.#socket.subscribe(this.#key);
        return;
      }
      this.#socket.disconnect(this.#url);
      this.#socket.connect(url);
      this.#url = url;
    } catch (error) {
      this.#context.logger.debug({ error: String(error) }, "the hub does not answer either");
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

function diverged(how: string, next: number): FedbusError {
  const message = `the hub's log ${how}, but ${next} of its offsets were already read`;
  return new FedbusError("LOG_DIVERGED", message, { details: { next } });
}

function tailOf(block: Block, from: number): Block {
  const indices: number[] = [];
  for (let index = 0; index < block.count; index++)
    if (block.offsetOf(index) >= from) indices.push(index);
  return selectEvents(block, indices);
}
