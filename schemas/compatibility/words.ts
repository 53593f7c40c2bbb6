import { cut } from "../cut.js";
import type { JsonSchema } from "../schema-definition.js";
import type { JsonType } from "./json-type.js";
import type { Bound } from "./node.js";

/** Characters that are shown of values. */
const shownMax = 120;

const named: Readonly<Record<JsonType, string>> = {
  null: "null",
  boolean: "a boolean",
  integer: "an integer",
  number: "a number",
  string: "a string",
  array: "an array",
  object: "an object",
};

/** `a string or null`. */
export function typesInWords(types: ReadonlySet<JsonType>): string {
  if (types.size >= 6) return "of any type";
  return [...types].map((type) => named[type]).join(" or ");
}

/** `one of "a", "b"`. */
export function valuesInWords(values: readonly unknown[]): string {
  const shown = cut(values.map((value) => JSON.stringify(value)).join(", "), shownMax);
  return values.length === 1 ? shown : `one of ${shown}`;
}

export function lowerInWords(bound: Bound | undefined): string {
  if (bound === undefined) return "without a minimum";
  return bound.exclusive ? `greater than ${bound.value}` : `at least ${bound.value}`;
}

export function upperInWords(bound: Bound | undefined): string {
  if (bound === undefined) return "without a maximum";
  return bound.exclusive ? `less than ${bound.value}` : `at most ${bound.value}`;
}

/** `at least 3 characters`. */
export function leastInWords(count: number, of: string): string {
  return count === 0 ? "without a least length" : `at least ${count} ${of}`;
}

export function mostInWords(count: number, of: string): string {
  return count === Number.POSITIVE_INFINITY
    ? "without a greatest length"
    : `at most ${count} ${of}`;
}

/** A schema, or a part of one, as its JSON. */
export function jsonInWords(schema: JsonSchema | string): string {
  return cut(JSON.stringify(schema), shownMax);
}
