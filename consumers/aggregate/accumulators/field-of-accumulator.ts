import { FedbusError, isFedbusError } from "../../../schemas/index.js";
import { type Field, fieldOf, numberOf } from "../../field.js";

/** What `fieldOf` makes of the field. Throws OPTIONS_INVALID, with the name of the accumulator that it is for. */
export function valueFor(accumulator: string, field: Field): ReturnType<typeof fieldOf> {
  return named(accumulator, () => fieldOf(field));
}

/** The same with `numberOf`. */
export function numberFor(accumulator: string, field: Field): ReturnType<typeof numberOf> {
  return named(accumulator, () => numberOf(field));
}

function named<Made>(accumulator: string, make: () => Made): Made {
  try {
    return make();
  } catch (error) {
    if (!isFedbusError(error, "OPTIONS_INVALID")) throw error;
    throw new FedbusError("OPTIONS_INVALID", `${accumulator}: ${error.message}`);
  }
}
