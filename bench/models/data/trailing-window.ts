/** Values by key over the last `lengthMs` before a time, `delayMs` ago. Times must not go back. */
export class TrailingWindow {
  readonly #lengthMs: number;
  readonly #delayMs: number;
  readonly #keys = new Map<string, Trail>();

  constructor(lengthMs: number, delayMs = 0) {
    this.#lengthMs = lengthMs;
    this.#delayMs = delayMs;
  }

  add(key: string, time: number, value: number): void {
    let trail = this.#keys.get(key);
    if (trail === undefined) {
      trail = { times: [], values: [], from: 0, to: 0, sum: 0 };
      this.#keys.set(key, trail);
    }
    trail.times.push(time);
    trail.values.push(value);
  }

  /** How many values of the key there are in the window that ends before `time`, and their mean (0 of none). */
  before(key: string, time: number): { count: number; mean: number } {
    const trail = this.#keys.get(key);
    if (trail === undefined) return { count: 0, mean: 0 };
    const end = time - this.#delayMs;
    while (trail.to < trail.times.length && trail.times[trail.to]! < end)
      trail.sum += trail.values[trail.to++]!;
    while (trail.from < trail.to && trail.times[trail.from]! < end - this.#lengthMs)
      trail.sum -= trail.values[trail.from++]!;
    const count = trail.to - trail.from;
    return { count, mean: count === 0 ? 0 : trail.sum / count };
  }
}

/** Those `from` to `to` are in the window. */
interface Trail {
  readonly times: number[];
  readonly values: number[];
  from: number;
  to: number;
  sum: number;
}
