import type { SeededRandom } from "../../runner/random.js";

/** `count` of the columns, drawn without putting back, in ascending order. */
export function someColumns(
  columns: Uint32Array,
  count: number,
  random: SeededRandom,
): Uint32Array {
  if (count >= columns.length) return columns;
  const drawn = Uint32Array.from(columns);
  for (let i = 0; i < count; i++) {
    const other = i + Math.floor(random.next() * (drawn.length - i));
    const column = drawn[other]!;
    drawn[other] = drawn[i]!;
    drawn[i] = column;
  }
  return drawn.subarray(0, count).sort();
}

/** Rows 0 to `count`, each with the chance `share`; never none. */
export function someRows(count: number, share: number, random: SeededRandom): Uint32Array {
  const rows = new Uint32Array(count);
  let drawn = 0;
  for (let row = 0; row < count; row++) {
    if (share >= 1 || random.next() < share) rows[drawn++] = row;
  }
  // `rows[0]` is 0 then: a row that exists.
  return rows.subarray(0, Math.max(1, drawn));
}

/** How often each of `count` rows comes when as many are drawn with putting back (Efron's bootstrap, 1979). */
export function bootstrap(count: number, random: SeededRandom): Float64Array {
  const times = new Float64Array(count);
  for (let i = 0; i < count; i++) times[Math.floor(random.next() * count)]! += 1;
  return times;
}

export function columnsUpTo(width: number): Uint32Array {
  return Uint32Array.from({ length: width }, (_, column) => column);
}
