import type { Folds, States } from "./folds.js";
import type { Added, Arrival, KeyedShape, Release } from "./keyed-shape.js";
import type { Plan } from "./plan.js";
import type { SlidingWindow } from "./window-kinds.js";
import type { Timing } from "./window-result.js";

/** The events of one key at one time. */
export interface Moment {
  readonly time: number;
  readonly states: States;
  /** Results published of the window that ends with it. */
  emissions: number;
}

/** Sliding windows: parts are moments. Windows are closed up to the watermark, and what of them is closed is a head of the list. */
export class SlidingShape implements KeyedShape<Moment> {
  readonly #folds: Folds;
  readonly #sizeMs: number;
  readonly #latenessMs: number;

  constructor(plan: Plan, { sizeMs }: SlidingWindow) {
    this.#folds = plan.folds;
    this.#sizeMs = sizeMs;
    this.#latenessMs = plan.allowedLatenessMs;
  }

  add(parts: Moment[], arrival: Arrival, release: (result: Release) => void): Added {
    const { event, time, watermark } = arrival;
    const end = time + 1;
    const missed = end + this.#latenessMs <= watermark ? [{ start: end - this.#sizeMs, end }] : [];
    // Later windows that are still open, or may be renewed, have the event all the same.
    if (time + this.#sizeMs + this.#latenessMs <= watermark) return { missed, due: Infinity };
    let at = atOrAfter(parts, time);
    if (parts[at]?.time !== time)
      parts.splice(at, 0, { time, states: this.#folds.create(), emissions: 0 });
    this.#folds.add(parts[at]!.states, event, time);
    for (; at < parts.length; at++) {
      const moment = parts[at]!;
      if (moment.time >= time + this.#sizeMs || moment.time >= watermark) break;
      if (moment.time + 1 + this.#latenessMs > watermark) this.#release(parts, at, "late", release);
    }
    const dropped = time + this.#sizeMs + this.#latenessMs;
    return { missed, due: end > watermark ? end : dropped };
  }

  advance(parts: Moment[], from: number, to: number, release: (result: Release) => void): void {
    for (let at = atOrAfter(parts, from); at < parts.length && parts[at]!.time < to; at++)
      this.#release(parts, at, "on-time", release);
    parts.splice(0, atOrAfter(parts, to - this.#sizeMs - this.#latenessMs + 1));
  }

  due(parts: readonly Moment[], watermark: number): number {
    const [oldest] = parts;
    if (oldest === undefined) return Infinity;
    const dropped = oldest.time + this.#sizeMs + this.#latenessMs;
    const next = parts[atOrAfter(parts, watermark)];
    return next === undefined ? dropped : Math.min(dropped, next.time + 1);
  }

  early(): void {
    // Each window is published as soon as its last event is known to be the last: there is nothing before that.
  }

  #release(parts: Moment[], at: number, timing: Timing, release: (result: Release) => void) {
    const moment = parts[at]!;
    const end = moment.time + 1;
    const start = end - this.#sizeMs;
    const revision = moment.emissions++;
    release({ start, end, states: this.#merged(parts, start, at), timing, revision });
  }

  /** From the oldest to the newest, always: so that the result does not depend on when it is asked for. */
  #merged(parts: readonly Moment[], start: number, last: number): States {
    let at = atOrAfter(parts, start);
    if (at === last) return parts[last]!.states;
    const states = this.#folds.create();
    for (; at <= last; at++) this.#folds.merge(states, parts[at]!.states);
    return states;
  }
}

/** Place of the first part at `time` or after. */
function atOrAfter(parts: readonly Moment[], time: number): number {
  let low = 0;
  let high = parts.length;
  // The newest are asked for most.
  if (high > 0 && parts[high - 1]!.time < time) return high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (parts[middle]!.time < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
