/**
 * Looks over one event's bytes, from `start` to `end`, before anything parses them. The result is how
 * many colons stand outside strings, which in valid JSON is how many members its objects have,
 * duplicates included; or -1 if brackets are nested deeper than `depthMax`, if they do not balance, if
 * a string does not end, or if a comma stands outside all brackets, so that this is not one value.
 *
 * Says nothing more about the grammar: up to the first error in it the scan sees what a parser sees,
 * so that bytes which pass cannot make a parser recurse deeper.
 */
export function scanEvent(
  payload: Uint8Array,
  start: number,
  end: number,
  depthMax: number,
): number {
  let depth = 0;
  let colons = 0;
  for (let at = start; at < end; at++) {
    const byte = payload[at]!;
    if (byte === 0x22) {
      at = endOfString(payload, at, end);
      if (at >= end) return -1;
    } else if (byte === 0x3a) {
      colons++;
    } else if (byte === 0x2c) {
      if (depth === 0) return -1;
    } else if (byte >= 0x5b) {
      const folded = byte | 0x20;
      if (folded === 0x7b) {
        if (++depth > depthMax) return -1;
      } else if (folded === 0x7d && --depth < 0) return -1;
    }
  }
  return depth === 0 ? colons : -1;
}

/** The place of the quote that ends the string which starts at `start`; not below `end` if none. */
function endOfString(payload: Uint8Array, start: number, end: number): number {
  let at = start + 1;
  while (at < end) {
    const byte = payload[at]!;
    if (byte === 0x22) return at;
    at += byte === 0x5c ? 2 : 1;
  }
  return end;
}
