import type { LabelledRows, Shape } from "../models/learners/learner.js";
import { RowRing } from "../models/rows/row-ring.js";
import type { Table } from "../plugin/table.js";
import { SeededRandom } from "../runner/random.js";
import type { Lesson } from "./student.js";
import type { TrainingWindow } from "./train-spec.js";

/** Sets the draws of a reservoir apart from other uses of the seed. */
const reservoirSalt = 0x7e51;
/** The newest rows, which are held back: as many as a share of the window, within these bounds. */
const heldBack = { share: 0.2, rowsMin: 256, rowsMax: 4_096 } as const;

const ringNames = { window: "window", tail: "tail" } as const;
const stateKey = "window";

/** What is kept beside the rows, as JSON. */
interface Stored {
  /** Rows that came to the window, and the number after that of the last row of all. */
  readonly came: number;
  readonly end: number;
  /** The number of the first row that counts. */
  readonly from: number;
}

/** Rows to fit a model to, and newer ones that it is to be measured on. */
export interface Split {
  readonly known: LabelledRows;
  readonly tail: LabelledRows;
}

/**
 * The rows that a model is fitted to: the last ones, or a reservoir, in which every row that came has the same chance
 * to be (Vitter, "Random sampling with a reservoir", 1985: algorithm R). Beside them the newest rows of all, those
 * too that are not to be learnt. A row is its features, label, weight, time and number.
 */
export class WindowRows {
  readonly #table: Table<unknown>;
  readonly #window: RowRing;
  readonly #tail: RowRing;
  readonly #width: number;
  readonly #seed: number;
  readonly #isReservoir: boolean;
  readonly #spanMs: number;
  readonly #random = new SeededRandom();
  #came: number;
  #end: number;
  #from: number;
  #isChanged = false;

  constructor(window: TrainingWindow, { width, seed }: Shape, table: Table<unknown>) {
    this.#table = table;
    this.#width = width;
    this.#seed = seed;
    this.#isReservoir = "reservoir" in window;
    const { ms = Number.POSITIVE_INFINITY } = "rows" in window ? window : {};
    this.#spanMs = ms;
    this.#window = new RowRing("rows" in window ? window.rows : window.reservoir, width + 4);
    this.#tail = new RowRing(heldBack.rowsMax, width + 4);
    const stored = table.get(stateKey) as Stored | undefined;
    const { came, end, from } = stored ?? { came: 0, end: 0, from: 0 };
    this.#came = came;
    this.#end = end;
    this.#from = from;
    this.#window.restore(table as Table<string>, ringNames.window, came);
    this.#tail.restore(table as Table<string>, ringNames.tail, end);
  }

  /** Takes rows in. */
  add(lesson: Lesson): void {
    for (let row = 0; row < lesson.count; row++) {
      const number = lesson.first + row;
      copyRow(lesson, row, this.#tail, number % heldBack.rowsMax);
      this.#end = number + 1;
      if (lesson.weights[row] === 0) continue;
      const slot = this.#slotOf(this.#came++);
      if (slot !== undefined) copyRow(lesson, row, this.#window, slot);
    }
    this.#isChanged = true;
  }

  /** The rows that count, oldest first; undefined if they are too few. */
  split(): Split | undefined {
    const all = this.#starts(this.#window, Math.min(this.#came, this.#window.capacity));
    const share = Math.floor(all.length * heldBack.share);
    const held = Math.min(Math.max(share, heldBack.rowsMin), heldBack.rowsMax);
    const first = this.#end - held;
    if (first < this.#from) return undefined;
    const known = all.filter((start) => this.#numberAt(this.#window, start) < first);
    if (known.length < heldBack.rowsMin) return undefined;
    const tail = this.#starts(this.#tail, Math.min(this.#end, heldBack.rowsMax)).filter(
      (start) => this.#numberAt(this.#tail, start) >= first,
    );
    return { known: this.#rows(this.#window, known), tail: this.#rows(this.#tail, tail) };
  }

  /** Only rows from number `first` on count from now on. A reservoir begins anew. */
  forget(first: number): void {
    if (this.#isReservoir) this.#came = 0;
    this.#from = first;
    this.#isChanged = true;
  }

  save(): void {
    if (!this.#isChanged) return;
    this.#isChanged = false;
    const stored: Stored = { came: this.#came, end: this.#end, from: this.#from };
    this.#table.put(stateKey, stored);
    this.#window.save(this.#table as Table<string>, ringNames.window);
    this.#tail.save(this.#table as Table<string>, ringNames.tail);
  }

  /** Where the row goes that is the `place`th to come; undefined if it is not drawn. */
  #slotOf(place: number): number | undefined {
    const { capacity } = this.#window;
    if (!this.#isReservoir) return place % capacity;
    if (place < capacity) return place;
    this.#random.seed(place, reservoirSalt ^ this.#seed);
    const slot = Math.floor(this.#random.next() * (place + 1));
    return slot < capacity ? slot : undefined;
  }

  /** Where those of the first `filled` rows of a ring begin that count, in order of their numbers. */
  #starts(ring: RowRing, filled: number): number[] {
    const timeAt = (start: number): number => ring.values[start + this.#width + 2]!;
    const starts = Array.from({ length: filled }, (_, slot) => slot * ring.width);
    let newest = Number.NEGATIVE_INFINITY;
    for (const start of starts) newest = Math.max(newest, timeAt(start));
    return starts
      .filter((start) => this.#numberAt(ring, start) >= this.#from)
      .filter((start) => timeAt(start) > newest - this.#spanMs)
      .sort((a, b) => this.#numberAt(ring, a) - this.#numberAt(ring, b));
  }

  #numberAt(ring: RowRing, start: number): number {
    return ring.values[start + this.#width + 3]!;
  }

  #rows({ values: all }: RowRing, starts: readonly number[]): LabelledRows {
    const width = this.#width;
    const values = new Float64Array(starts.length * width);
    for (const [row, start] of starts.entries())
      values.set(all.subarray(start, start + width), row * width);
    return {
      ...{ width, count: starts.length, values },
      labels: Float64Array.from(starts, (start) => all[start + width]!),
      weights: Float64Array.from(starts, (start) => all[start + width + 1]!),
    };
  }
}

function copyRow(lesson: Lesson, row: number, ring: RowRing, slot: number): void {
  const { width, values, labels, weights, times, first } = lesson;
  const at = ring.take(slot);
  const to = ring.values;
  for (let column = 0; column < width; column++) to[at + column] = values[row * width + column]!;
  to[at + width] = labels[row]!;
  to[at + width + 1] = weights[row]!;
  to[at + width + 2] = times[row]!;
  to[at + width + 3] = first + row;
}
