import { checkDefinition, type SchemaDefinition } from "./schema-definition.js";

/** The topic of the events that register schemas: the registry is what they add up to. */
export const schemaTopic = "fedbus.schema.registered";

/**
 * The body of the event that registers `definition`; `since` is where it came into force, if it is
 * stored anew. Throws SCHEMA_INVALID, PATTERN_INVALID.
 */
export function encodeSchemaEvent(
  definition: SchemaDefinition,
  since?: number,
): Record<string, unknown> {
  return { ...checkDefinition(definition), ...(since === undefined ? {} : { since }) };
}

/**
 * The definition in such a body; members that a newer fedbus may have added are left out. Throws
 * SCHEMA_INVALID, PATTERN_INVALID.
 */
export function decodeSchemaEvent(body: unknown): SchemaDefinition {
  if (typeof body !== "object" || body === null) return checkDefinition(body);
  return checkDefinition(definitionOf(body as SchemaDefinition));
}

/** The members that make a definition, of a listing or of an event's body. */
export function definitionOf(from: SchemaDefinition): SchemaDefinition {
  const { name, version, topics, schema, compatibility, upcast } = from;
  return {
    name,
    version,
    topics,
    schema,
    ...(compatibility === undefined ? {} : { compatibility }),
    ...(upcast === undefined ? {} : { upcast }),
  };
}

/** Where the version in such a body came into force, if the event at `offset` has it. */
export function sinceOf(body: unknown, offset: number): number {
  const { since } = (body ?? {}) as { readonly since?: unknown };
  return typeof since === "number" && Number.isSafeInteger(since) && since >= 0 && since <= offset
    ? since
    : offset;
}
