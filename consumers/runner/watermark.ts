import type { BusEvent } from "../../bus/index.js";
import type { WatermarkOptions } from "../plugin/consumer.js";

/** What a checkpoint keeps of a watermark. Null where there was no event yet. */
export interface WatermarkState {
  readonly timeMax: number | null;
  readonly recordedAt: number;
  readonly current: number | null;
}

const idleMsDefault = 60_000;

/**
 * Which event times are complete: all below `current`. That is the largest event time seen, less the
 * disorder allowed. In a stream that went quiet, event time goes on with the log's own time.
 */
export class Watermark {
  readonly #timeOf: (event: BusEvent) => number;
  readonly #outOfOrderMs: number;
  readonly #idleMs: number;
  #timeMax = Number.NEGATIVE_INFINITY;
  /** The log's time at the last event. */
  #recordedAt = 0;
  #current = Number.NEGATIVE_INFINITY;

  constructor(options: WatermarkOptions, state?: WatermarkState) {
    this.#timeOf = options.time ?? ((event) => event.timestamp);
    this.#outOfOrderMs = options.outOfOrderMs ?? 0;
    this.#idleMs = options.idleMs ?? idleMsDefault;
    if (state === undefined) return;
    this.#timeMax = state.timeMax ?? this.#timeMax;
    this.#recordedAt = state.recordedAt;
    this.#current = state.current ?? this.#current;
  }

  get current(): number {
    return this.#current;
  }

  get state(): WatermarkState {
    const finite = (time: number) => (Number.isFinite(time) ? time : null);
    return {
      timeMax: finite(this.#timeMax),
      recordedAt: this.#recordedAt,
      current: finite(this.#current),
    };
  }

  /** After an event: the watermark may rise. A time that is no finite number, or fails, changes nothing. */
  observe(event: BusEvent): void {
    this.#recordedAt = event.recordedAt;
    const time = this.#timeIn(event);
    if (time > this.#timeMax && time < Number.POSITIVE_INFINITY) this.#timeMax = time;
    const complete = this.#timeMax - this.#outOfOrderMs;
    if (complete > this.#current) this.#current = complete;
  }

  /** The log's time at which a stream that stays quiet has reached event time `at`. */
  reachedAt(at: number): number {
    const missing = Math.ceil(at - (this.#timeMax - this.#outOfOrderMs));
    return this.#recordedAt + Math.max(this.#idleMs, missing);
  }

  /** Every process observes every event: what one cannot make out, none can. */
  #timeIn(event: BusEvent): number {
    try {
      const time: unknown = this.#timeOf(event);
      return typeof time === "number" ? time : Number.NaN;
    } catch {
      return Number.NaN;
    }
  }

  /** The log's time has come to `time`, without an event since the last one. */
  pass(time: number): void {
    const quietMs = time - this.#recordedAt;
    if (quietMs < this.#idleMs) return;
    const complete = this.#timeMax - this.#outOfOrderMs + quietMs;
    if (complete > this.#current) this.#current = complete;
  }
}
