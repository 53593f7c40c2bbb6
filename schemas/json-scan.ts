import type { EventLimits } from "./event-limits.js";

/**
 * Looks over the bytes of `[event,event,...]` once, before anything parses them. True if every event
 * is inside `limits` and the commas between events, and the last bracket, stand exactly at `ends`. `colons` gets, for each event, how many colons stand outside its
 * strings: in valid JSON that is how many members its objects have, duplicates included.
 *
 * Says nothing about the grammar: up to the first error in it the scan sees what a parser sees, so
 * that a text which passes cannot make a parser recurse deeper.
 */
export function scanEvents(
  payload: Uint8Array,
  ends: Uint32Array,
  limits: EventLimits,
  colons: Uint32Array,
): boolean {
  const last = payload.length - 1;
  if (payload[0] !== 0x5b || payload[last] !== 0x5d || ends[ends.length - 1] !== last) return false;
  const { depthMax, eventBytesMax } = limits;
  let start = 1;
  let depth = 0;
  let count = 0;
  let index = 0;
  for (let at = 1; at < last; at++) {
    const byte = payload[at]!;
    if (byte === 0x22) {
      at = endOfString(payload, at, last);
    } else if (byte === 0x3a) {
      count++;
    } else if (byte === 0x2c) {
      if (depth !== 0) continue;
      if (ends[index] !== at || at - start > eventBytesMax) return false;
      start = at + 1;
      colons[index++] = count;
      count = 0;
    } else if (byte >= 0x5b) {
      const folded = byte | 0x20;
      if (folded === 0x7b) {
        if (++depth > depthMax) return false;
      } else if (folded === 0x7d) depth--;
    }
  }
  colons[index] = count;
  return index === ends.length - 1 && last - start <= eventBytesMax;
}

/** The place of the quote that ends the string which starts at `start`; `last` if none does. */
function endOfString(payload: Uint8Array, start: number, last: number): number {
  let at = start + 1;
  while (at < last) {
    const byte = payload[at]!;
    if (byte === 0x22) return at;
    at += byte === 0x5c ? 2 : 1;
  }
  return last;
}
