import { createRequire } from "node:module";
import type { RE2JS } from "re2js";
import { FedbusError } from "./errors.js";
import { isPlainlyLinear } from "./plain-pattern.js";

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
 *
 * RE2 takes some eight times as long as V8's own engine, so that one gets the patterns which are so
 * plain that it cannot go astray in them.
 */
export function linearRegExp(pattern: string): LinearRegExp {
  const compiled = compile(pattern);
  const engine = isPlainlyLinear(pattern) ? new RegExp(pattern, "u") : compiled;
  return { test: (text) => engine.test(text), toString: () => pattern };
}

/** A large module, loaded with the first pattern: most processes compile none. */
const require = createRequire(import.meta.url);

function compile(pattern: string): RE2JS {
  const { RE2JS, RE2JSException } = require("re2js") as typeof import("re2js");
  try {
    return RE2JS.compile(RE2JS.translateRegExp(pattern));
  } catch (cause) {
    if (!(cause instanceof RE2JSException)) throw cause;
    throw new FedbusError(
      "SCHEMA_INVALID",
      `the pattern ${JSON.stringify(pattern)} cannot be matched in linear time: ${cause.message}`,
      { details: { pattern }, cause },
    );
  }
}
