import { FedbusError } from "../../../schemas/index.js";
import type { Field } from "../../field.js";
import type { Accumulator } from "./accumulator.js";
import { numberFor } from "./field-of-accumulator.js";
import { finite } from "./summation.js";

/** Count, mean, and the sum of squared distances from the mean. */
type State = [count: number, mean: number, squares: number];

export interface VarianceOptions {
  /** `sample` divides by n - 1 and needs two values; `population` divides by n. Default `sample`. */
  readonly of?: "sample" | "population";
}

/**
 * The variance of a field, by Welford's method (1962), merged by Chan, Golub and LeVeque's (1979);
 * null where there are too few values. What is no finite number is left out.
 */
export function variance(
  field: Field,
  options: VarianceOptions = {},
): Accumulator<State, number | null> {
  return spread("variance", field, options, (squared) => squared);
}

/** The standard deviation: the root of `variance`. */
export function stddev(
  field: Field,
  options: VarianceOptions = {},
): Accumulator<State, number | null> {
  return spread("stddev", field, options, Math.sqrt);
}

function spread(
  name: "variance" | "stddev",
  field: Field,
  { of = "sample" }: VarianceOptions,
  finish: (variance: number) => number,
): Accumulator<State, number | null> {
  if (of !== "sample" && of !== "population")
    throw new FedbusError("OPTIONS_INVALID", `${name}: of must be sample or population`);
  const valueIn = numberFor(name, field);
  const less = of === "sample" ? 1 : 0;
  return {
    create: () => [0, 0, 0],
    add(state, event) {
      const value = valueIn(event);
      if (value === undefined) return state;
      const count = ++state[0];
      const distance = finite(value - state[1]);
      state[1] += distance / count;
      state[2] = finite(state[2] + finite(distance * finite(value - state[1])));
      return state;
    },
    merge,
    result: ([count, , squares]) => (count <= less ? null : finish(squares / (count - less))),
  };
}

function merge(into: State, from: State): State {
  const count = into[0] + from[0];
  if (from[0] === 0) return into;
  const distance = finite(from[1] - into[1]);
  const share = from[0] / count;
  into[2] = finite(into[2] + from[2] + finite(finite(distance * distance) * into[0] * share));
  into[1] += distance * share;
  into[0] = count;
  return into;
}
