import type { Context } from "../plugin/context.js";
import type { Table } from "../plugin/table.js";

/** The end of a list, and how many full chunks lie before it. */
interface Tail {
  chunks: number;
  keys: string[];
}

/** Keys of a chunk. It is what a commit writes anew when a list has grown. */
export const chunkKeysMax = 128;

/**
 * Lists of keys in a table: cheap to add to, and read without a scan of the store. A key stands in a list as
 * often as it was added.
 */
export class KeyLists {
  readonly #table: Table;

  constructor(context: Context) {
    this.#table = context.table("lists");
  }

  add(list: string, key: string): void {
    const tail = (this.#table.get(list) as Tail | undefined) ?? { chunks: 0, keys: [] };
    tail.keys.push(key);
    if (tail.keys.length >= chunkKeysMax) {
      this.#table.put(chunkName(list, tail.chunks++), tail.keys);
      tail.keys = [];
    }
    this.#table.put(list, tail);
  }

  has(list: string): boolean {
    return this.#table.get(list) !== undefined;
  }

  /** All keys of a list, in the order in which they came. */
  all(list: string): readonly string[] {
    const tail = this.#table.get(list) as Tail | undefined;
    if (tail === undefined) return [];
    const chunks = Array.from({ length: tail.chunks }, (_, at) => {
      return this.#table.get(chunkName(list, at)) as string[];
    });
    return [...chunks.flat(), ...tail.keys];
  }

  delete(list: string): void {
    const tail = this.#table.get(list) as Tail | undefined;
    if (tail === undefined) return;
    for (let at = 0; at < tail.chunks; at++) this.#table.delete(chunkName(list, at));
    this.#table.delete(list);
  }
}

function chunkName(list: string, at: number): string {
  return `${list}.${at}`;
}
