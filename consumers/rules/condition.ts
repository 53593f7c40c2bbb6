import type { BusEvent } from "../../bus/index.js";
import { Filter } from "../../schemas/expression/filter.js";
import { isFedbusError } from "../../schemas/index.js";
import type { Rule as OptionRule } from "../sinks/option-rules.js";

/** A condition on one event: a function, or an expression in CEL. It must depend on the event alone. */
export type Condition = string | ((event: BusEvent) => boolean);

export type Test = (event: BusEvent) => boolean;

/** Throws EXPRESSION_INVALID. */
export function testOf(condition: Condition): Test {
  if (typeof condition === "function") return condition;
  const filter = new Filter(condition);
  return (event) => filter.test(event);
}

export const aCondition: OptionRule = (value) => {
  if (typeof value === "function") return undefined;
  if (typeof value !== "string") return "must be a function or an expression";
  try {
    new Filter(value);
    return undefined;
  } catch (error) {
    if (isFedbusError(error)) return `must be a function or an expression: ${error.message}`;
    throw error;
  }
};
