import { pageBytesMax } from "../wire/limits.js";

/** The first of `items` that fit one answer, at least one; `done` if that is all. */
export function firstPage<Item>(items: readonly Item[]): { items: Item[]; done: boolean } {
  let bytes = 0;
  let count = 0;
  for (const item of items) {
    bytes += Buffer.byteLength(JSON.stringify(item)) + 1;
    if (count > 0 && bytes > pageBytesMax) break;
    count++;
  }
  return { items: items.slice(0, count), done: count === items.length };
}
