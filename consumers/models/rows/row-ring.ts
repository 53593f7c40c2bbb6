import { FedbusError } from "../../../schemas/index.js";
import type { Table } from "../../plugin/table.js";

/** Bytes of rows that are stored under one key, about: what a commit writes again for one new row. */
const blockBytes = 8_192;

/**
 * Rows of numbers in a ring of fixed size, stored in a table a block at a time: a commit writes those blocks that
 * have changed. Any bits of a number come back as they were, NaN too.
 */
export class RowRing {
  readonly width: number;
  readonly capacity: number;
  /** Row `slot` begins at `slot * width`. Slots that were never filled are 0. */
  values: Float64Array;
  readonly #blockRows: number;
  readonly #dirty = new Set<number>();

  constructor(capacity: number, width: number) {
    this.capacity = capacity;
    this.width = width;
    this.#blockRows = Math.max(1, Math.floor(blockBytes / (8 * width)));
    // Grows as it fills: a large window is not paid for before it is used.
    this.values = new Float64Array(width * Math.min(capacity, this.#blockRows));
  }

  /** Writes a row to a slot; the caller then fills `values` from the returned index on. */
  take(slot: number): number {
    const end = (slot + 1) * this.width;
    if (end > this.values.length) this.#grow(end);
    this.#dirty.add(Math.floor(slot / this.#blockRows));
    return slot * this.width;
  }

  /** Forgets all rows that are stored. */
  clear(table: Table<string>, name: string): void {
    for (let block = 0; table.get(keyOf(name, block)) !== undefined; block++)
      table.delete(keyOf(name, block));
    this.#dirty.clear();
    this.values.fill(0);
  }

  /** Puts the blocks that have changed. */
  save(table: Table<string>, name: string): void {
    for (const block of this.#dirty) table.put(keyOf(name, block), this.#blockOf(block));
    this.#dirty.clear();
  }

  /** Gets the blocks back that `rows` rows, in the slots from 0 on, lie in. Throws STATE_CORRUPT. */
  restore(table: Table<string>, name: string, rows: number): void {
    const used = Math.min(rows, this.capacity);
    if (used > 0) this.#grow(used * this.width);
    for (let block = 0; block * this.#blockRows < used; block++) {
      const text = table.get(keyOf(name, block));
      const bytes = new Uint8Array(Buffer.from(text ?? "", "base64"));
      const least =
        (Math.min((block + 1) * this.#blockRows, used) - block * this.#blockRows) * this.width * 8;
      if (bytes.length < least || bytes.length % 8 !== 0)
        throw new FedbusError("STATE_CORRUPT", `stored rows of ${name} are missing`);
      const from = block * this.#blockRows * this.width;
      const values = new Float64Array(bytes.buffer);
      this.values.set(values.subarray(0, this.values.length - from), from);
    }
  }

  #blockOf(block: number): string {
    const from = block * this.#blockRows * this.width;
    const to = Math.min(from + this.#blockRows * this.width, this.values.length);
    const { buffer, byteOffset } = this.values.subarray(from, to);
    return Buffer.from(buffer, byteOffset, (to - from) * 8).toString("base64");
  }

  /** By whole blocks, so that what is stored does not depend on how it came to be there. */
  #grow(least: number): void {
    if (least <= this.values.length) return;
    const block = this.#blockRows * this.width;
    const whole = Math.ceil(Math.max(2 * this.values.length, least) / block) * block;
    const values = new Float64Array(Math.min(this.capacity * this.width, whole));
    values.set(this.values);
    this.values = values;
  }
}

function keyOf(name: string, block: number): string {
  return `${name}:${String(block).padStart(6, "0")}`;
}
