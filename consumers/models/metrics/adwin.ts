/** Buckets of one size, before two of them become one of twice the size. */
const bucketsMax = 5;
/** Values between two looks for a cut. */
const lookEvery = 32;
/** Values below which nothing is cut: of both sides together, and of each. */
const lengthMin = 32;
const sideMin = 5;

/** What is kept of an `Adwin`, as JSON. */
export interface AdwinState {
  readonly seen: number;
  readonly length: number;
  readonly sum: number;
  readonly squares: number;
  /** By size, smallest first: the buckets' sums and sums of squared deviations, newest first. */
  readonly rows: readonly (readonly [sum: number, squares: number][])[];
}

/** A change that was found. */
export interface AdwinChange {
  /** The means before and after it. */
  readonly before: number;
  readonly after: number;
  /** Values that were forgotten, and those that are kept. */
  readonly dropped: number;
  readonly kept: number;
}

/**
 * Finds changes of the mean of a stream of numbers from 0 to 1: a window that grows while nothing changes and
 * forgets what was before a change (ADWIN: Bifet and Gavaldà, "Learning from time-changing data with adaptive
 * windowing", 2007; with the bound by variance). It keeps O(log n) sums. `delta` is the chance of a false
 * alarm at a look.
 */
export class Adwin {
  readonly #delta: number;
  #rows: [sum: number, squares: number][][] = [[]];
  #seen: number;
  #length = 0;
  #sum = 0;
  #squares = 0;

  constructor(delta: number, state?: AdwinState) {
    this.#delta = delta;
    this.#seen = state?.seen ?? 0;
    if (state === undefined) return;
    this.#rows = copyOf(state.rows);
    // Not counted anew: the last bits would not be those of one that was never stored.
    this.#length = state.length;
    this.#sum = state.sum;
    this.#squares = state.squares;
  }

  /** Values in the window. */
  get length(): number {
    return this.#length;
  }

  /** Of the window. */
  get mean(): number {
    return this.#length === 0 ? 0 : this.#sum / this.#length;
  }

  get state(): AdwinState {
    return {
      ...{ seen: this.#seen, length: this.#length, sum: this.#sum, squares: this.#squares },
      rows: copyOf(this.#rows),
    };
  }

  /** Takes the next value, from 0 to 1. Returns the change, if there was one. */
  add(value: number): AdwinChange | undefined {
    if (this.#length > 0) {
      const distance = value - this.mean;
      this.#squares += (this.#length / (this.#length + 1)) * distance * distance;
    }
    this.#length++;
    this.#sum += value;
    this.#rows[0]!.unshift([value, 0]);
    this.#compress();
    if (++this.#seen % lookEvery !== 0 || this.#length < lengthMin) return undefined;
    return this.#cut();
  }

  #compress(): void {
    for (let level = 0; level < this.#rows.length; level++) {
      const row = this.#rows[level]!;
      if (row.length <= bucketsMax) return;
      const [older, old] = [row.pop()!, row.pop()!];
      const size = 2 ** level;
      const distance = (older[0] - old[0]) / size;
      const squares = older[1] + old[1] + (size / 2) * distance * distance;
      this.#rows[level + 1] ??= [];
      this.#rows[level + 1]!.unshift([older[0] + old[0], squares]);
    }
  }

  /** Forgets the oldest buckets as long as what is older and what is newer differ too much. */
  #cut(): AdwinChange | undefined {
    const before = { length: this.#length, sum: this.#sum };
    while (this.#hasChanged()) {
      const oldest = this.#rows.at(-1)!;
      oldest.pop();
      while (this.#rows.length > 1 && this.#rows.at(-1)!.length === 0) this.#rows.pop();
      this.#recount();
    }
    const dropped = before.length - this.#length;
    if (dropped === 0) return undefined;
    return {
      before: (before.sum - this.#sum) / dropped,
      after: this.mean,
      ...{ dropped, kept: this.#length },
    };
  }

  #hasChanged(): boolean {
    let length = 0;
    let sum = 0;
    for (let level = this.#rows.length - 1; level >= 0; level--) {
      const row = this.#rows[level]!;
      for (let index = row.length - 1; index >= 0; index--) {
        length += 2 ** level;
        sum += row[index]![0];
        const left = this.#length - length;
        if (left < sideMin) return false;
        if (length >= sideMin && this.#differ(sum / length, length, (this.#sum - sum) / left, left))
          return true;
      }
    }
    return false;
  }

  #differ(older: number, olderLength: number, newer: number, newerLength: number): boolean {
    const harmonic = 1 / (1 / (olderLength - sideMin + 1) + 1 / (newerLength - sideMin + 1));
    const log = Math.log((2 * Math.log(this.#length)) / this.#delta);
    const variance = this.#squares / this.#length;
    const bound = Math.sqrt((2 / harmonic) * variance * log) + (2 / (3 * harmonic)) * log;
    return Math.abs(older - newer) > bound;
  }

  /** Anew from the buckets: subtracting what is gone would add up errors of rounding. */
  #recount(): void {
    this.#length = 0;
    this.#sum = 0;
    this.#squares = 0;
    for (let level = this.#rows.length - 1; level >= 0; level--) {
      const size = 2 ** level;
      for (let index = this.#rows[level]!.length - 1; index >= 0; index--) {
        const [sum, squares] = this.#rows[level]![index]!;
        const distance = this.#length === 0 ? 0 : sum / size - this.mean;
        const weight = this.#length === 0 ? 0 : (this.#length * size) / (this.#length + size);
        this.#squares += squares + weight * distance * distance;
        this.#length += size;
        this.#sum += sum;
      }
    }
  }
}

function copyOf(rows: AdwinState["rows"]): [sum: number, squares: number][][] {
  return rows.map((row) => row.map(([sum, squares]) => [sum, squares]));
}
