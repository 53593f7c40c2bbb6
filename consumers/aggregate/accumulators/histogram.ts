import { FedbusError } from "../../../schemas/index.js";
import type { Field } from "../../field.js";
import type { Accumulator } from "./accumulator.js";
import { numberFor } from "./field-of-accumulator.js";

/** How many values lay from `from` to below `to`; null at the open ends. */
export interface HistogramBin {
  readonly from: number | null;
  readonly to: number | null;
  readonly count: number;
}

/** Bins of a histogram, at most. */
const binsMax = 10_000;

/**
 * How the values of a field are distributed over bins that `bounds`, ascending numbers, divide: a
 * bin has its lower bound and lacks its upper one; the first and the last are open. What is no finite number
 * is left out. Throws OPTIONS_INVALID.
 */
export function histogram(
  field: Field,
  bounds: readonly number[],
): Accumulator<number[], readonly HistogramBin[]> {
  const valueIn = numberFor("histogram", field);
  check(bounds);
  const edges = [...bounds];
  return {
    create: () => new Array<number>(edges.length + 1).fill(0),
    add(state, event) {
      const value = valueIn(event);
      if (value !== undefined) state[binOf(edges, value)]!++;
      return state;
    },
    merge(into, from) {
      for (let bin = 0; bin < from.length; bin++) into[bin]! += from[bin]!;
      return into;
    },
    result: (state) =>
      state.map((count, bin) => ({ from: edges[bin - 1] ?? null, to: edges[bin] ?? null, count })),
  };
}

/** How many bounds are not above `value`. */
function binOf(edges: readonly number[], value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (edges[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function check(bounds: readonly number[]): void {
  const ascending =
    Array.isArray(bounds) &&
    bounds.length > 0 &&
    bounds.length < binsMax &&
    bounds.every((bound, at) => Number.isFinite(bound) && (at === 0 || bound > bounds[at - 1]!));
  if (!ascending)
    throw new FedbusError(
      "OPTIONS_INVALID",
      `histogram: bounds must be ascending numbers, from 1 to ${binsMax - 1} of them`,
    );
}
