import type { BusEvent } from "../../bus/index.js";
import { Filter } from "../../schemas/expression/filter.js";
import { isFedbusError } from "../../schemas/index.js";
import type { Rule as OptionRule } from "../plugin/option-rules.js";

/**
 * A condition on one event: a function of it and of the configuration, or an expression in CEL in which
 * `config` is the configuration. It must depend on these alone.
 */
export type Condition = string | ((event: BusEvent, config: never) => boolean);

export type Test = (event: BusEvent, config: unknown) => boolean;

/** What an expression can name besides an event. */
const names = ["config"];

/** Throws EXPRESSION_INVALID. */
export function testOf(condition: Condition): Test {
  if (typeof condition === "function") return condition as Test;
  const filter = new Filter(condition, names);
  return (event, config) => filter.test(event, { config });
}

export const aCondition: OptionRule = (value) => {
  if (typeof value === "function") return undefined;
  if (typeof value !== "string") return "must be a function or an expression";
  try {
    new Filter(value, names);
    return undefined;
  } catch (error) {
    if (isFedbusError(error)) return `must be a function or an expression: ${error.message}`;
    throw error;
  }
};
