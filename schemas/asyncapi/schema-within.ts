import { pointerStep } from "../json-pointer.js";
import type { JsonSchema } from "../schema-definition.js";

/** Where a schema comes to stand, and what its references mean. */
interface Where {
  readonly at: string;
  readonly base: string | undefined;
  readonly anchors: ReadonlyMap<string, string>;
}

/** Keywords whose value is data, and no schema. */
const data = new Set(["enum", "const", "default", "examples", "required"]);

/** Keywords whose value is schemas by names that may be anything. */
const maps = new Set([
  "properties",
  "patternProperties",
  "$defs",
  "definitions",
  "dependentSchemas",
]);

/**
 * A schema of any draft as a part of a larger document, in which it stands at the reference `at`: references to its own
 * places follow it there, and what draft 04 writes otherwise than draft 07 is written so.
 */
export function schemaWithin(schema: JsonSchema, at: string): JsonSchema {
  if (typeof schema === "boolean") return schema;
  const { $schema: _, $id, id: __, ...rest } = schema;
  const base = typeof $id === "string" ? $id.replace(/#$/, "") : undefined;
  return moved(rest, { at, base, anchors: anchorsIn(rest, "") }) as JsonSchema;
}

function moved(value: unknown, where: Where): unknown {
  if (Array.isArray(value)) return value.map((item) => moved(item, where));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => {
    if (data.has(key)) return [key, inner];
    if (key === "$ref" && typeof inner === "string") return [key, reference(inner, where)];
    return [key, maps.has(key) ? movedByName(inner, where) : moved(inner, where)];
  });
  return numericBounds(Object.fromEntries(entries) as Record<string, unknown>);
}

function movedByName(value: unknown, where: Where): unknown {
  const entries = Object.entries(value as object).map(([name, inner]) => [
    name,
    moved(inner, where),
  ]);
  return Object.fromEntries(entries) as unknown;
}

function reference(ref: string, { at, base, anchors }: Where): string {
  const own = base !== undefined && ref.startsWith(`${base}#`) ? ref.slice(base.length) : ref;
  if (!own.startsWith("#")) return ref;
  return at + (anchors.get(own.slice(1)) ?? own.slice(1));
}

/** Where the places are that have a name of their own. */
function anchorsIn(value: unknown, pointer: string): Map<string, string> {
  const found = new Map<string, string>();
  if (typeof value !== "object" || value === null) return found;
  const { $anchor, $id, id } = value as Readonly<Record<string, unknown>>;
  if (typeof $anchor === "string") found.set($anchor, pointer);
  for (const name of [$id, id])
    if (typeof name === "string" && name.startsWith("#")) found.set(name.slice(1), pointer);
  for (const [key, inner] of Object.entries(value))
    for (const [name, place] of anchorsIn(inner, pointer + pointerStep(key)))
      found.set(name, place);
  return found;
}

/** Draft 04 has flags for bounds that are left out. */
function numericBounds(schema: Record<string, unknown>): Record<string, unknown> {
  for (const [flag, bound] of [
    ["exclusiveMinimum", "minimum"],
    ["exclusiveMaximum", "maximum"],
  ] as const) {
    if (typeof schema[flag] !== "boolean") continue;
    if (schema[flag] === true) {
      schema[flag] = schema[bound];
      delete schema[bound];
    } else delete schema[flag];
  }
  return schema;
}
