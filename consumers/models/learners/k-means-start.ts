import type { SeededRandom } from "../../runner/random.js";

/**
 * Rows that lie far apart: each is drawn with a chance that grows with the square of its distance from those
 * drawn before (Arthur and Vassilvitskii, "k-means++: the advantages of careful seeding", 2007). With fewer
 * different rows than `count`, some come twice.
 */
export function spreadRows(
  rows: Float64Array,
  width: number,
  count: number,
  random: SeededRandom,
): Float64Array {
  const chosen = new Float64Array(count * width);
  const total = rows.length / width;
  const distances = new Float64Array(total).fill(1);
  for (let k = 0; k < count; k++) {
    const first = drawn(distances, random) * width;
    const row = rows.subarray(first, first + width);
    chosen.set(row, k * width);
    for (let i = 0; i < total; i++) {
      const apart = squaredDistance(rows, i * width, row);
      distances[i] = k === 0 ? apart : Math.min(distances[i]!, apart);
    }
  }
  return chosen;
}

/** A place in `chances`, which need not add up to 1; the first if none has any. */
function drawn(chances: Float64Array, random: SeededRandom): number {
  let left = random.next() * chances.reduce((sum, chance) => sum + chance, 0);
  for (let i = 0; i < chances.length; i++) {
    left -= chances[i]!;
    if (left < 0) return i;
  }
  return 0;
}

function squaredDistance(rows: Float64Array, first: number, row: Float64Array): number {
  let sum = 0;
  for (let c = 0; c < row.length; c++) sum += (rows[first + c]! - row[c]!) ** 2;
  return sum;
}
