import type { Field } from "../../field.js";
import type { Accumulator } from "./accumulator.js";
import { numberFor } from "./field-of-accumulator.js";
import { addTo, type Summation, sumAt } from "./summation.js";

/** The sum of a field, compensated; 0 if there was none. What is no finite number is left out. */
export function sum(field: Field): Accumulator<Summation, number> {
  const valueIn = numberFor("sum", field);
  return {
    create: () => [0, 0],
    add(state, event) {
      const value = valueIn(event);
      if (value !== undefined) addTo(state, 0, value);
      return state;
    },
    merge: mergeSums,
    result: (state) => sumAt(state, 0),
  };
}

function mergeSums(into: Summation, from: Summation): Summation {
  addTo(into, 0, from[0]);
  addTo(into, 0, from[1]);
  return into;
}
