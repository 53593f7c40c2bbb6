/** The types of JSON Schema. `number` holds `integer`. */
export type JsonType = "null" | "boolean" | "integer" | "number" | "string" | "array" | "object";

/** Every value is of one of these. */
export const everyType: ReadonlySet<JsonType> = new Set([
  "null",
  "boolean",
  "number",
  "string",
  "array",
  "object",
]);

/** Whether values of type `one` are all of one of `types`. */
export function isAmong(one: JsonType, types: ReadonlySet<JsonType>): boolean {
  return types.has(one) || (one === "integer" && types.has("number"));
}

/** The types of the values that are of one of `a` and of one of `b`. */
export function intersection(
  a: ReadonlySet<JsonType>,
  b: ReadonlySet<JsonType>,
): ReadonlySet<JsonType> {
  const both = [...a].filter((one) => isAmong(one, b));
  return new Set([...both, ...[...b].filter((one) => isAmong(one, a))]);
}
