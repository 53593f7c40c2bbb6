import { checkDefinition, type SchemaDefinition } from "./schema-definition.js";

/** The topic of the events that register schemas: the registry is what they add up to. */
export const schemaTopic = "fedbus.schema.registered";

/** The body of the event that registers `definition`. Throws SCHEMA_INVALID, PATTERN_INVALID. */
export function encodeSchemaEvent(definition: SchemaDefinition): Record<string, unknown> {
  return { ...checkDefinition(definition) };
}

/**
 * The definition in such a body; members that a newer fedbus may have added are left out. Throws
 * SCHEMA_INVALID, PATTERN_INVALID.
 */
export function decodeSchemaEvent(body: unknown): SchemaDefinition {
  if (typeof body !== "object" || body === null) return checkDefinition(body);
  const { name, version, topics, schema } = body as Record<string, unknown>;
  return checkDefinition({ name, version, topics, schema });
}
