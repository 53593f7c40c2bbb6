import { RE2JS, RE2JSException } from "re2js";
import { FedbusError } from "./errors.js";

/** What a JSON Schema validator needs of a regular expression. */
export interface LinearRegExp {
  test(text: string): boolean;
  /** The pattern itself: ajv tells expressions apart by it. */
  toString(): string;
}

/**
 * `pattern`, in JavaScript's syntax, as an expression that takes time in proportion to the text
 * whatever the text is. Throws SCHEMA_INVALID for what no such expression can be made of:
 * look-around, back-references, repeats past 1,000.
 */
export function linearRegExp(pattern: string): LinearRegExp {
  try {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
    return { test: (text) => compiled.test(text), toString: () => pattern };
  } catch (cause) {
    if (!(cause instanceof RE2JSException)) throw cause;
    throw new FedbusError(
      "SCHEMA_INVALID",
      `the pattern ${JSON.stringify(pattern)} cannot be matched in linear time: ${cause.message}`,
      { details: { pattern }, cause },
    );
  }
}
