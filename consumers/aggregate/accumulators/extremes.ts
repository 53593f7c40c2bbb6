import { type Field, numberOf } from "../../field.js";
import type { Accumulator } from "./accumulator.js";

type Extreme = Accumulator<number | null, number | null>;

/** The least value of a field; null if there was none. What is no finite number is left out. */
export function min(field: Field): Extreme {
  return extreme(field, (value, other) => value < other);
}

/** The greatest value of a field; null if there was none. What is no finite number is left out. */
export function max(field: Field): Extreme {
  return extreme(field, (value, other) => value > other);
}

function extreme(field: Field, beats: (value: number, other: number) => boolean): Extreme {
  const valueIn = numberOf(field);
  const better = (state: number | null, value: number | null | undefined): number | null =>
    value === undefined || value === null || (state !== null && !beats(value, state))
      ? state
      : value;
  return {
    create: () => null,
    add: (state, event) => better(state, valueIn(event)),
    merge: better,
    result: (state) => state,
  };
}
