import type { FuncKeywordDefinition } from "ajv";
import { canonicalJson } from "./canonical-json.js";

/**
 * `uniqueItems` in linear time: ajv's own compares every pair of objects, which takes minutes for the
 * largest event that the bus lets in.
 */
export const uniqueItems: FuncKeywordDefinition = {
  keyword: "uniqueItems",
  type: "array",
  schemaType: "boolean",
  errors: false,
  error: { message: "must not hold the same item twice" },
  validate: (unique: boolean, items: readonly unknown[]) =>
    !unique || items.length < 2 || new Set(items.map(canonicalJson)).size === items.length,
};
