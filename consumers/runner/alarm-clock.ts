import type { Operation } from "../../bus/index.js";
import type { Timer, TimerClock } from "../plugin/timers.js";
import type { StateStore } from "../store/state-store.js";
import { type Pending, TimerQueue } from "../store/timer-queue.js";
import type { Watermark } from "./watermark.js";

/** A timer whose time has come. */
export interface DueTimer extends Timer {
  readonly group: number;
  /** The log's time at which it fires, ms. */
  readonly firesAt: number;
}

/**
 * Says which timer is due next, by both clocks. Event timers are due as soon as the watermark has
 * reached them; while the stream is quiet, that is at a time of the log that is known beforehand.
 */
export class AlarmClock {
  readonly #log: TimerQueue;
  readonly #event: TimerQueue;
  readonly #watermark: Watermark;

  constructor(watermark: Watermark, inMemoryMax: number) {
    this.#watermark = watermark;
    this.#log = new TimerQueue(0, inMemoryMax);
    this.#event = new TimerQueue(1, inMemoryMax);
  }

  set(clock: TimerClock, at: number, group: number, key: string): void {
    this.#queueOf(clock).set(at, group, key);
  }

  delete(clock: TimerClock, at: number, group: number, key: string): void {
    this.#queueOf(clock).delete(at, group, key);
  }

  /** Whether an event timer is due already. */
  get isComplete(): boolean {
    return this.#event.first <= this.#watermark.current;
  }

  /** The log's time at which the next timer fires, should no event come before. */
  get nextAt(): number {
    const event = this.#event.first;
    const log = this.#log.first;
    if (event === Number.POSITIVE_INFINITY) return log;
    if (event <= this.#watermark.current) return Number.NEGATIVE_INFINITY;
    return Math.min(log, this.#watermark.reachedAt(event));
  }

  /** Whether the next timer is not in memory: commit, then `load`. */
  get mustLoad(): boolean {
    return this.#event.mustLoad || this.#log.mustLoad;
  }

  get isFull(): boolean {
    return this.#event.isFull || this.#log.isFull;
  }

  /** Takes the timer that fires at `nextAt`; the log's time is `now`. */
  take(now: number): DueTimer {
    const event = this.#event.first;
    const log = this.#log.first;
    const isComplete = event <= this.#watermark.current;
    const eventAt = isComplete ? now : this.#watermark.reachedAt(event);
    if (!isComplete && log <= eventAt) {
      const firesAt = Math.max(now, log);
      // As far as a beacon would have brought it: handlers see the same watermark without one.
      this.#watermark.pass(firesAt - 1);
      return due("log", this.#log.take(), firesAt);
    }
    if (!isComplete) this.#watermark.pass(eventAt);
    return due("event", this.#event.take(), Math.max(now, eventAt));
  }

  operations(): Operation[] {
    return [...this.#log.operations(), ...this.#event.operations()];
  }

  /** Everything must have been committed. */
  async load(store: StateStore): Promise<void> {
    for (const queue of [this.#log, this.#event]) if (queue.mustLoad) await queue.load(store);
  }

  /** From the beginning, of a store that was just opened. */
  async restore(store: StateStore): Promise<void> {
    for (const queue of [this.#log, this.#event]) await queue.load(store);
  }

  /** Everything must have been committed. */
  shrink(): void {
    for (const queue of [this.#log, this.#event]) if (queue.isFull) queue.shrink();
  }

  #queueOf(clock: TimerClock): TimerQueue {
    return clock === "log" ? this.#log : this.#event;
  }
}

function due(clock: TimerClock, { at, group, key }: Pending, firesAt: number): DueTimer {
  return { clock, at, group, key, firesAt };
}
