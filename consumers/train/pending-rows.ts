import { RowRing } from "../models/rows/row-ring.js";
import type { Table } from "../plugin/table.js";
import type { Lesson } from "./student.js";

const ringName = "pending";

/** Rows that have come and are not learnt yet, by their numbers since the start. */
export class PendingRows {
  readonly #width: number;
  readonly #ring: RowRing;

  /** `capacity`: how many may wait. */
  constructor(capacity: number, width: number) {
    this.#width = width;
    this.#ring = new RowRing(capacity, width + 3);
  }

  put(
    number: number,
    values: Float64Array,
    rest: { readonly label: number; readonly weight: number; readonly time: number },
  ): void {
    const at = this.#ring.take(number % this.#ring.capacity);
    const width = this.#width;
    const to = this.#ring.values;
    for (let column = 0; column < width; column++) to[at + column] = values[column]!;
    to[at + width] = rest.label;
    to[at + width + 1] = rest.weight;
    to[at + width + 2] = rest.time;
  }

  /** The rows from number `first` on, to before `end`. */
  lesson(first: number, end: number): Lesson {
    const [width, count] = [this.#width, end - first];
    const values = new Float64Array(count * width);
    const [labels, weights, times] = [0, 1, 2].map(() => new Float64Array(count)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    const { values: from, width: size, capacity } = this.#ring;
    for (let row = 0; row < count; row++) {
      const at = ((first + row) % capacity) * size;
      for (let column = 0; column < width; column++)
        values[row * width + column] = from[at + column]!;
      labels[row] = from[at + width]!;
      weights[row] = from[at + width + 1]!;
      times[row] = from[at + width + 2]!;
    }
    return { width, count, values, labels, weights, times, first };
  }

  save(table: Table<string>): void {
    this.#ring.save(table, ringName);
  }

  /** `came`: how many rows there were since the start. */
  restore(table: Table<string>, came: number): void {
    this.#ring.restore(table, ringName, came);
  }
}
