/** How far a replay is. */
export interface ReplayProgress {
  /** The next offset to be read. */
  readonly next: number;
  readonly from: number;
  readonly to: number;
  /** Offsets passed a second, since this process began. */
  readonly eventsPerSecond: number;
  /** How long it will take yet, ms; absent while nothing is known. */
  readonly leftMs?: number;
}

/** Reckons speed and time left. Times are monotonic, ms. */
export class Pace {
  readonly #range: { readonly from: number; readonly to: number };
  readonly #startNext: number;
  readonly #startedAt: number;

  constructor(range: { readonly from: number; readonly to: number }, next: number, now: number) {
    this.#range = range;
    this.#startNext = next;
    this.#startedAt = now;
  }

  at(next: number, now: number): ReplayProgress {
    const { from, to } = this.#range;
    const seconds = (now - this.#startedAt) / 1000;
    const eventsPerSecond = seconds > 0 ? (next - this.#startNext) / seconds : 0;
    const leftMs = ((to - next) / eventsPerSecond) * 1000;
    return { next, from, to, eventsPerSecond, ...(eventsPerSecond > 0 && { leftMs }) };
  }
}
