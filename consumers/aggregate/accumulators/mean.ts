import type { Field } from "../../field.js";
import type { Accumulator } from "./accumulator.js";
import { numberFor } from "./field-of-accumulator.js";
import { addTo, sumAt } from "./summation.js";

type State = [count: number, sum: number, lost: number];

/** The mean of a field; null if there was none. What is no finite number is left out. */
export function mean(field: Field): Accumulator<State, number | null> {
  const valueIn = numberFor("mean", field);
  return {
    create: () => [0, 0, 0],
    add(state, event) {
      const value = valueIn(event);
      if (value === undefined) return state;
      state[0]++;
      addTo(state, 1, value);
      return state;
    },
    merge(into, from) {
      into[0] += from[0];
      addTo(into, 1, from[1]);
      addTo(into, 1, from[2]);
      return into;
    },
    result: (state) => (state[0] === 0 ? null : sumAt(state, 1) / state[0]),
  };
}
