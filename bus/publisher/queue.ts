import type { FedbusError } from "../../schemas/errors.js";
import { EventBuffer } from "../../schemas/index.js";
import { Batch } from "./batch.js";
import type { Sink } from "./sink.js";

/** Emptied buffers that are kept: batches are filled and sealed in turn. */
const spareMax = 2;

export interface QueueOptions {
  readonly batchEventsMax: number;
  readonly batchBytesMax: number;
  /** How long a batch may wait to be sent, ms, from when the last event came into it. */
  readonly timeoutMs: number;
}

/** Who waits for a condition on the queue. */
interface Waiter {
  readonly met: () => boolean;
  readonly resolve: () => void;
  readonly reject: (error: FedbusError) => void;
}

/**
 * Batches that wait to be sent, the bytes of all that is not answered yet, and who waits for either
 * to change.
 */
export class Queue {
  readonly #options: QueueOptions;
  /** Full batches, oldest first; then the one that is being filled. */
  #full: Batch[] = [];
  #filling = new Batch(new EventBuffer());
  readonly #spare: EventBuffer[] = [];
  #waiters: Waiter[] = [];
  #failure: FedbusError | undefined;
  /** Bytes waiting here, or sent and not answered. */
  bytes = 0;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /** Takes an event into the batch that is being filled, or into the next one. See `Batch.add`. */
  add(event: string | Uint8Array, bytesMax: number, sink: Sink, at: number): void {
    const { batchEventsMax, batchBytesMax } = this.#options;
    const { count, size } = this.#filling;
    if (count >= batchEventsMax || size >= batchBytesMax) this.fillNext();
    const grown = this.#filling.add(event, bytesMax, sink, at);
    this.bytes += grown;
  }

  /** Whether no event waits to be sent. */
  get isEmpty(): boolean {
    return this.#full.length === 0 && this.#filling.count === 0;
  }

  /** No event comes into the batch any more: the time that it may wait runs from here. */
  fillNext(): void {
    if (this.#filling.count === 0) return;
    this.bytes += this.#filling.finish();
    this.#filling.filledAt = performance.now();
    this.#full.push(this.#filling);
    this.#filling = new Batch(this.#spare.pop() ?? new EventBuffer());
  }

  /** The oldest batch. */
  take(): Batch | undefined {
    if (this.#full.length === 0) this.fillNext();
    return this.#full.shift();
  }

  /** Takes a sealed batch's buffer for a later one: fresh memory for each costs much of its time. */
  reuse(events: EventBuffer): void {
    if (this.#spare.length < spareMax) this.#spare.push(events);
  }

  takeAll(): Batch[] {
    this.fillNext();
    const taken = this.#full;
    this.#full = [];
    return taken;
  }

  /**
   * The batches that have waited too long by `now`. A batch is filled for a quarter of that time at
   * most, so that it fails for no event too early, and for none much too late.
   */
  takeLate(now: number): Batch[] {
    const { timeoutMs } = this.#options;
    if (this.#filling.since <= now - timeoutMs / 4) this.fillNext();
    const inTime = this.#full.findIndex((batch) => batch.filledAt > now - timeoutMs);
    return this.#full.splice(0, inTime < 0 ? this.#full.length : inTime);
  }

  /** Resolves once `met` holds. Rejects with what `fail` was told. */
  until(met: () => boolean): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (met()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ met, resolve, reject });
    });
  }

  /** Looks whether waiting is over for somebody: to be called after each change. */
  wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters)
      if (waiter.met()) waiter.resolve();
      else this.#waiters.push(waiter);
  }

  /** Nothing is sent any more; what was waiting has been taken. */
  fail(error: FedbusError): void {
    this.#failure = error;
    this.bytes = 0;
    for (const { reject } of this.#waiters) reject(error);
    this.#waiters = [];
  }
}
