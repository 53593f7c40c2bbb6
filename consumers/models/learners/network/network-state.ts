import { FedbusError } from "../../../../schemas/errors.js";
import type { LearnerState } from "../learner.js";

/** A learner's member that must be floats of this type and number. Throws STATE_CORRUPT. */
export function vectorIn<Floats extends Float32Array | Float64Array>(
  state: LearnerState,
  name: string,
  empty: Floats,
): Floats {
  const value = state[name];
  if (value?.constructor !== empty.constructor || (value as Floats).length !== empty.length)
    throw corrupt(name);
  return (value as Floats).slice() as Floats;
}

/** A learner's member that must be a whole number from 0 on. Throws STATE_CORRUPT. */
export function countIn(state: LearnerState, name: string): number {
  const value = state[name];
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw corrupt(name);
  return value as number;
}

/** A learner's member that must be a list of numbers. Throws STATE_CORRUPT. */
export function numbersIn(state: LearnerState, name: string): readonly number[] {
  const value = state[name];
  if (!Array.isArray(value) || !value.every(Number.isFinite)) throw corrupt(name);
  return value;
}

function corrupt(name: string): FedbusError {
  return new FedbusError("STATE_CORRUPT", `a learner's state has no usable ${name}`);
}
