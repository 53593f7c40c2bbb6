import { isDeepStrictEqual } from "node:util";

/** A JSON Schema as an object. */
export type SchemaObject = Readonly<Record<string, unknown>>;

/** The schema of a plugin that has no options. */
export const noOptions = { type: "object", additionalProperties: false } as const;

/** Whether a schema is that one, also of another copy of this package, which a plugin may have installed. */
export function isNoOptions(schema: SchemaObject): boolean {
  return isDeepStrictEqual(schema, noOptions);
}

/** One option of a plugin's configuration. */
export interface ConfigOption {
  /** Dotted: `window.sizeMs`. */
  readonly name: string;
  /** Such as `number`, `list of string`, `one of "a", "b"`. */
  readonly type: string;
  /** Absent: it has none. */
  readonly default?: unknown;
  readonly required: boolean;
  /** Empty if the schema says nothing. */
  readonly description: string;
}

/** The options that a configuration's schema names, those of nested objects included. */
export function configOptions(schema: SchemaObject): ConfigOption[] {
  return optionsIn(schema, "", true);
}

/** What may say more of an object's members than `properties` beside it. */
const membersElsewhere = [
  ...["additionalProperties", "unevaluatedProperties", "patternProperties", "dependentSchemas"],
  ...["dependencies", "$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "if"],
];

/**
 * The schema that takes no other names at its top than those that it lists, unless it says itself what becomes of
 * them: a setting that nobody reads is a misspelt one.
 */
export function closedUnlessSaid(schema: SchemaObject): SchemaObject {
  const isSaid = membersElsewhere.some((keyword) => Object.hasOwn(schema, keyword));
  if (isSaid || !isSchemaObject(schema.properties)) return schema;
  return { ...schema, additionalProperties: false };
}

/**
 * The schema in which an object that may be left out is made of its members' defaults, if these are
 * all that it needs: so that `window.sizeMs` has its default also where `window` is not given.
 */
export function withImpliedDefaults(schema: SchemaObject): SchemaObject {
  const properties = Object.entries(propertiesOf(schema)).map(([name, property]) => [
    name,
    impliedFor(withImpliedDefaults(property)),
  ]);
  return properties.length === 0
    ? schema
    : { ...schema, properties: Object.fromEntries(properties) };
}

/** The part of `schema` that describes the value at a JSON pointer's steps, as far as it is plain. */
export function schemaAt(schema: SchemaObject, steps: readonly string[]): SchemaObject | undefined {
  let at: unknown = schema;
  for (const step of steps) {
    if (!isSchemaObject(at)) return undefined;
    at = Object.hasOwn(propertiesOf(at), step) ? propertiesOf(at)[step] : at.items;
  }
  return isSchemaObject(at) ? at : undefined;
}

/** The properties that a schema describes by more than `true` or `false`. */
export function propertiesOf(schema: SchemaObject): Record<string, SchemaObject> {
  if (!isSchemaObject(schema.properties)) return {};
  const described = Object.entries(schema.properties).filter(([, property]) =>
    isSchemaObject(property),
  );
  return Object.fromEntries(described) as Record<string, SchemaObject>;
}

/** The names that a schema lists. */
export function namesOf({ properties }: SchemaObject): string[] {
  return isSchemaObject(properties) ? Object.keys(properties) : [];
}

/** What a value of this schema is, in a few words. */
export function typeOf(schema: SchemaObject): string {
  if ("const" in schema) return JSON.stringify(schema.const);
  if (Array.isArray(schema.enum))
    return `one of ${schema.enum.map((value) => JSON.stringify(value)).join(", ")}`;
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(alternatives))
    return alternatives.map((one) => (isSchemaObject(one) ? typeOf(one) : "any")).join(" or ");
  if (schema.type === "array" && isSchemaObject(schema.items))
    return `list of ${typeOf(schema.items)}`;
  if (Array.isArray(schema.type)) return schema.type.join(" or ");
  return typeof schema.type === "string" ? schema.type : "any";
}

function optionsIn(schema: SchemaObject, prefix: string, needed: boolean): ConfigOption[] {
  const wanted = requiredOf(schema);
  return Object.entries(propertiesOf(schema)).flatMap(([key, property]) => {
    const name = `${prefix}${key}`;
    const required = needed && wanted.includes(key) && !("default" in property);
    const nested = optionsIn(property, `${name}.`, required);
    if (nested.length > 0) return nested;
    const { description = "" } = property;
    const fallback = "default" in property ? { default: property.default } : {};
    return [
      { name, type: typeOf(property), ...fallback, required, description: String(description) },
    ];
  });
}

function impliedFor(property: SchemaObject): SchemaObject {
  const properties = propertiesOf(property);
  const hasDefault = Object.entries(properties).filter(([, one]) => "default" in one);
  const names = hasDefault.map(([name]) => name);
  const suffices = requiredOf(property).every((name) =>
    (names as readonly unknown[]).includes(name),
  );
  const implied = !("default" in property) && names.length > 0 && suffices;
  return implied ? { ...property, default: {} } : property;
}

function requiredOf({ required }: SchemaObject): readonly unknown[] {
  return Array.isArray(required) ? required : [];
}

function isSchemaObject(value: unknown): value is SchemaObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
