import { FedbusError } from "../../../schemas/index.js";
import type { Field } from "../../field.js";
import type { Accumulator } from "./accumulator.js";
import { valueFor } from "./field-of-accumulator.js";
import { addToRegisters, estimate, mergeRegisters, registersCount } from "./hyperloglog.js";
import { tokenOf } from "./scalar.js";

/** The values themselves, as long as there are few; then the registers of a HyperLogLog. */
interface State {
  count: number;
  values: Record<string, 1> | null;
  registers: number[] | null;
}

export interface DistinctOptions {
  /** Up to so many values the number is exact; above, its standard error is 1.6 %. Default 256. */
  readonly exactMax?: number;
}

/**
 * How many different values a field had: strings, numbers and booleans; others are left out.
 * Throws OPTIONS_INVALID.
 */
export function distinct(
  field: Field,
  { exactMax = 256 }: DistinctOptions = {},
): Accumulator<State, number> {
  if (!(Number.isSafeInteger(exactMax) && exactMax >= 0 && exactMax <= 100_000))
    throw new FedbusError("OPTIONS_INVALID", "distinct: exactMax must be from 0 to 100000");
  const valueIn = valueFor("distinct", field);
  return {
    create: () => ({ count: 0, values: {}, registers: null }),
    add(state, event) {
      const token = tokenOf(valueIn(event));
      if (token !== undefined) put(state, token, exactMax);
      return state;
    },
    merge(into, from) {
      for (const token in from.values) put(into, token, exactMax);
      if (from.registers !== null) mergeRegisters(registersOf(into), from.registers);
      return into;
    },
    result: (state) => (state.registers === null ? state.count : estimate(state.registers)),
  };
}

function put(state: State, token: string, exactMax: number): void {
  if (state.values === null) addToRegisters(state.registers!, token);
  else if (state.values[token] === undefined) {
    state.values[token] = 1;
    if (++state.count > exactMax) registersOf(state);
  }
}

/** The registers; those of the values so far if there were none yet. */
function registersOf(state: State): number[] {
  if (state.registers !== null) return state.registers;
  const registers = new Array<number>(registersCount).fill(0);
  for (const token in state.values) addToRegisters(registers, token);
  state.values = null;
  state.count = 0;
  state.registers = registers;
  return registers;
}
