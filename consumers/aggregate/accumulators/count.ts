import type { Field } from "../../field.js";
import type { Accumulator } from "./accumulator.js";
import { valueFor } from "./field-of-accumulator.js";

/** How many events there were; with a `field`, how many had one that is neither missing nor null. */
export function count(field?: Field): Accumulator<number, number> {
  const valueIn = field === undefined ? undefined : valueFor("count", field);
  return {
    create: () => 0,
    add:
      valueIn === undefined
        ? (state) => state + 1
        : (state, event) => ((valueIn(event) ?? null) === null ? state : state + 1),
    merge: (into, from) => into + from,
    result: (state) => state,
  };
}
