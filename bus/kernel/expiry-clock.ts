import { type Clock, systemClock } from "./clock.js";

/** How much faster than time passes this clock may run to catch up. */
const speedMax = 2;

/**
 * The wall clock for what expires: never ahead of it, and at most twice as fast as time passes. So a
 * wall clock that is set an hour ahead expires nothing at once, as a wrong clock would have it; if it
 * stays ahead, as after a suspended machine wakes up, this one has caught up an hour later.
 */
export class ExpiryClock {
  readonly #wall: Clock;
  readonly #monotonic: () => number;
  #believed: number;
  /** When that was, in monotonic time. */
  #at: number;

  /** `monotonic`: milliseconds of a clock that nobody sets. Default `performance.now`. */
  constructor(wall: Clock = systemClock, monotonic: () => number = () => performance.now()) {
    this.#wall = wall;
    this.#monotonic = monotonic;
    this.#believed = wall();
    this.#at = monotonic();
  }

  /** Milliseconds since 1970, as far as they are believed. */
  now(): number {
    const at = this.#monotonic();
    this.#believed = Math.min(this.#wall(), this.#believed + (at - this.#at) * speedMax);
    this.#at = at;
    return Math.floor(this.#believed);
  }
}
