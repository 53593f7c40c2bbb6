import fc from "fast-check";
import type { JsonSchema } from "../../../schemas/schema-definition.js";

const names = ["a", "b", "c"];
const name = fc.constantFrom(...names);
const small = fc.integer({ min: 0, max: 3 });
const scalar = fc.constantFrom<unknown>(null, true, false, 0, 1, 2, 2.5, 4, "", "x", "xy", "12");
const type = fc.constantFrom("null", "boolean", "integer", "number", "string", "array", "object");

/** Bodies over few names and values, so that random schemas accept many of them. */
export const randomBody: fc.Arbitrary<unknown> = fc.letrec<{ body: unknown }>((tie) => ({
  body: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalar,
    fc.array(tie("body"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...names, "d"), tie("body"), { maxKeys: 4 }),
  ),
})).body;

/** Schemas over the same names and values, with every keyword that is compared, and some that are not. */
export const randomSchema: fc.Arbitrary<JsonSchema> = fc.letrec<{ schema: JsonSchema }>((tie) => {
  const schema = tie("schema");
  const members = fc.dictionary(name, schema, { maxKeys: 2 });
  const several = fc.array(schema, { minLength: 1, maxLength: 2 });
  const optional = fc.record(
    {
      type: fc.oneof(type, fc.uniqueArray(type, { minLength: 1, maxLength: 3 })),
      minimum: small,
      exclusiveMaximum: small,
      multipleOf: fc.constantFrom(1, 2, 0.5),
      minLength: small,
      maxLength: small,
      pattern: fc.constantFrom("^x", "\\d", ""),
      format: fc.constantFrom("date", "int32", "nonsense"),
    },
    { requiredKeys: [] },
  );
  const objects = fc.record(
    {
      type: fc.constant("object"),
      properties: members,
      required: fc.uniqueArray(name, { maxLength: 2 }),
      additionalProperties: schema,
      patternProperties: fc.dictionary(fc.constantFrom("^[ab]", "c|d"), schema, { maxKeys: 2 }),
      minProperties: small,
      maxProperties: small,
      propertyNames: fc.constant({ maxLength: 1 }),
      dependentRequired: fc.constant({ a: ["b"] }),
      unevaluatedProperties: fc.constant(false),
    },
    { requiredKeys: ["type"] },
  );
  const arrays = fc.record(
    {
      type: fc.constant("array"),
      items: schema,
      prefixItems: several,
      minItems: small,
      maxItems: small,
      uniqueItems: fc.boolean(),
      contains: schema,
      minContains: fc.constantFrom(0, 1, 2),
    },
    { requiredKeys: ["type"] },
  );
  const choices = fc.record(
    { anyOf: several, oneOf: several, allOf: several, not: schema, if: schema, else: schema },
    { requiredKeys: [] },
  );
  const values = fc.oneof(
    fc.record({ enum: fc.uniqueArray(scalar, { minLength: 1, maxLength: 4 }) }),
    fc.record({ const: fc.oneof(scalar, fc.constant({ a: 1 })) }),
  );
  const leaf = fc.oneof(fc.boolean(), optional, values, fc.constant({ $ref: "#/$defs/x" }));
  return {
    schema: fc.oneof(
      { maxDepth: 2, withCrossShrink: true },
      { arbitrary: leaf, weight: 3 },
      { arbitrary: objects, weight: 3 },
      { arbitrary: arrays, weight: 2 },
      { arbitrary: choices, weight: 2 },
    ),
  } as never;
}).schema;

/** A whole schema, with a part that others may refer to and that may refer to itself. */
export const randomDocument: fc.Arbitrary<JsonSchema> = fc
  .tuple(randomSchema, randomSchema)
  .map(([root, shared]) =>
    typeof root === "boolean" ? root : { ...root, $defs: { x: { properties: { a: shared } } } },
  );

/** One keyword, somewhere in the schema, taken out or changed: what a next version looks like. */
export function changed(schema: JsonSchema, choose: (count: number) => number): JsonSchema {
  const copy = JSON.parse(JSON.stringify(schema)) as JsonSchema;
  const places: [Record<string, unknown>, string][] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      places.push([value as Record<string, unknown>, key]);
      visit(inner);
    }
  };
  visit(copy);
  const place = places[choose(places.length)];
  if (place === undefined) return copy;
  const [holder, key] = place;
  const value = holder[key];
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else if (typeof value === "number") holder[key] = Math.max(0, value + choose(3) - 1);
  else delete holder[key];
  return copy;
}
