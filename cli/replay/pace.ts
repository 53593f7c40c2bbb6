import { wrongOption } from "../units.js";

/** How many times faster than it happened; infinite for full speed. */
export function parseSpeed(text: string): number {
  if (text === "max") return Number.POSITIVE_INFINITY;
  if (text === "original") return 1;
  const factor = /^\d+(?:\.\d+)?x?$/.test(text) ? Number.parseFloat(text) : Number.NaN;
  if (!(factor > 0)) throw wrongOption("--speed", text, "original, max, or a factor such as 10");
  return factor;
}

/** When each event is due, so that the pauses between them are as when they were recorded. */
export class Pace {
  readonly #speed: number;
  readonly #now: () => number;
  #startedMs = 0;
  #firstRecordedAt: number | undefined;

  /** `now` counts milliseconds and never goes back. */
  constructor(speed: number, now: () => number = () => performance.now()) {
    this.#speed = speed;
    this.#now = now;
  }

  /** Milliseconds until an event with this recording time is due; 0 or less if it is now. */
  waitMs(recordedAt: number): number {
    if (this.#speed === Number.POSITIVE_INFINITY) return 0;
    if (this.#firstRecordedAt === undefined) {
      this.#firstRecordedAt = recordedAt;
      this.#startedMs = this.#now();
    }
    const dueMs = this.#startedMs + (recordedAt - this.#firstRecordedAt) / this.#speed;
    return dueMs - this.#now();
  }
}
