import type { Field } from "../../field.js";
import type { Accumulator } from "./accumulator.js";
import { numberFor } from "./field-of-accumulator.js";

type Extreme = Accumulator<number | null, number | null>;

/** The least value of a field; null if there was none. What is no finite number is left out. */
export function min(field: Field): Extreme {
  const valueIn = numberFor("min", field);
  return {
    create: () => null,
    add(state, event) {
      const value = valueIn(event);
      return value === undefined || (state !== null && state <= value) ? state : value;
    },
    merge: (into, from) => (from === null || (into !== null && into <= from) ? into : from),
    result: (state) => state,
  };
}

/** The greatest value of a field; null if there was none. What is no finite number is left out. */
export function max(field: Field): Extreme {
  const valueIn = numberFor("max", field);
  return {
    create: () => null,
    add(state, event) {
      const value = valueIn(event);
      return value === undefined || (state !== null && state >= value) ? state : value;
    },
    merge: (into, from) => (from === null || (into !== null && into >= from) ? into : from),
    result: (state) => state,
  };
}
