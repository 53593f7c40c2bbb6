import type { LabelledRows, Shape } from "../models/learners/learner.js";
import { RowRing } from "../models/rows/row-ring.js";
import type { Table } from "../plugin/table.js";
import { SeededRandom } from "../runner/random.js";
import type { Lesson } from "./student.js";
import type { TrainingWindow } from "./train-spec.js";

/** Sets the draws of a reservoir apart from other uses of the seed. */
const reservoirSalt = 0x7e51;
const ringName = "window";
const stateKey = "window";

/** How many rows came to the window, and the number of the first that counts. */
interface Stored {
  readonly came: number;
  readonly from: number;
}

/**
 * The rows that a model is fitted to: the last ones, or a reservoir, in which every row that came has the same chance
 * to be (Vitter, "Random sampling with a reservoir", 1985: algorithm R). A row is its features, label, weight, time
 * and number.
 */
export class WindowRows {
  readonly #table: Table<unknown>;
  readonly #ring: RowRing;
  readonly #features: number;
  readonly #seed: number;
  readonly #isReservoir: boolean;
  readonly #spanMs: number;
  readonly #random = new SeededRandom();
  #came: number;
  /** Rows that came before this number are forgotten. */
  #from: number;
  #isChanged = false;

  constructor(window: TrainingWindow, { width, seed }: Shape, table: Table<unknown>) {
    this.#table = table;
    this.#features = width;
    this.#seed = seed;
    this.#isReservoir = "reservoir" in window;
    this.#spanMs =
      "rows" in window ? (window.ms ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
    this.#ring = new RowRing("rows" in window ? window.rows : window.reservoir, width + 4);
    const { came = 0, from = 0 } = (table.get(stateKey) as Stored | undefined) ?? {};
    this.#came = came;
    this.#from = from;
    this.#ring.restore(table as Table<string>, ringName, this.#filled);
  }

  /** Takes rows in; those that do not count are left out. */
  add({ count, width, values, labels, weights, times, first }: Lesson): void {
    for (let row = 0; row < count; row++) {
      if (weights[row] === 0) continue;
      const slot = this.#slotOf(this.#came++);
      if (slot === undefined) continue;
      const at = this.#ring.take(slot);
      const to = this.#ring.values;
      for (let column = 0; column < width; column++)
        to[at + column] = values[row * width + column]!;
      to[at + width] = labels[row]!;
      to[at + width + 1] = weights[row]!;
      to[at + width + 2] = times[row]!;
      to[at + width + 3] = first + row;
    }
    this.#isChanged = true;
  }

  /** The rows that count, oldest first. */
  rows(): LabelledRows {
    const width = this.#features;
    const { values: all, width: size } = this.#ring;
    const starts = Array.from({ length: this.#filled }, (_, slot) => slot * size);
    const numberAt = (start: number): number => all[start + width + 3]!;
    let newest = Number.NEGATIVE_INFINITY;
    for (const start of starts) newest = Math.max(newest, all[start + width + 2]!);
    const counting = starts.filter(
      (start) => numberAt(start) >= this.#from && all[start + width + 2]! > newest - this.#spanMs,
    );
    counting.sort((a, b) => numberAt(a) - numberAt(b));
    const values = new Float64Array(counting.length * width);
    for (const [row, start] of counting.entries())
      values.set(all.subarray(start, start + width), row * width);
    return {
      ...{ width, count: counting.length, values },
      labels: Float64Array.from(counting, (start) => all[start + width]!),
      weights: Float64Array.from(counting, (start) => all[start + width + 1]!),
    };
  }

  /** Only rows from number `first` on count from now on. A reservoir begins anew. */
  forget(first: number): void {
    if (this.#isReservoir) this.#came = 0;
    else this.#from = first;
    this.#isChanged = true;
  }

  save(): void {
    if (!this.#isChanged) return;
    this.#isChanged = false;
    this.#table.put(stateKey, { came: this.#came, from: this.#from } satisfies Stored);
    this.#ring.save(this.#table as Table<string>, ringName);
  }

  get #filled(): number {
    return Math.min(this.#came, this.#ring.capacity);
  }

  /** Where the row goes that is the `place`th to come; undefined if it is not drawn. */
  #slotOf(place: number): number | undefined {
    const { capacity } = this.#ring;
    if (!this.#isReservoir) return place % capacity;
    if (place < capacity) return place;
    this.#random.seed(place, reservoirSalt ^ this.#seed);
    const slot = Math.floor(this.#random.next() * (place + 1));
    return slot < capacity ? slot : undefined;
  }
}
