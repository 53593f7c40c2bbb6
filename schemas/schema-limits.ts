import { FedbusError } from "./errors.js";
import { pointerStep } from "./json-pointer.js";
import type { JsonSchema } from "./schema-definition.js";

/** What one schema, and one registry, may be at most: compiling takes time and memory by these. */
export interface SchemaLimits {
  /** Bytes of the schema's JSON. Default 256 KiB. */
  readonly schemaBytesMax: number;
  /** Names under `properties` and `patternProperties`, over the whole schema. Default 1,000. */
  readonly propertiesMax: number;
  /** Objects in the schema: subschemas, and the maps that hold them. Default 2,000. */
  readonly subschemasMax: number;
  /** Nesting of objects and arrays in the schema's JSON. Default 64. */
  readonly depthMax: number;
  /** Versions that one registry holds, over all names. Default 10,000. */
  readonly versionsMax: number;
}

export const schemaLimits: SchemaLimits = Object.freeze({
  schemaBytesMax: 256 * 1024,
  propertiesMax: 1_000,
  subschemasMax: 2_000,
  depthMax: 64,
  versionsMax: 10_000,
});

/**
 * Throws SCHEMA_LIMIT if `schema` is past a limit, and SCHEMA_INVALID for `$async`, which would make
 * validating answer with a promise. Cheap: it goes before everything that compiles.
 */
export function checkSchemaLimits(schema: JsonSchema, limits: SchemaLimits): void {
  const counts = { properties: 0, subschemas: 0 };
  const visit = (value: unknown, key: string, pointer: string, depth: number): void => {
    if (typeof value !== "object" || value === null) return;
    if (depth > limits.depthMax) throw past("depthMax", limits, pointer);
    if (!Array.isArray(value)) {
      if (++counts.subschemas > limits.subschemasMax) throw past("subschemasMax", limits, pointer);
      if (key === "properties" || key === "patternProperties")
        counts.properties += Object.keys(value).length;
      if (counts.properties > limits.propertiesMax) throw past("propertiesMax", limits, pointer);
      if ((value as { $async?: unknown }).$async === true) throw asynchronous(pointer);
    }
    for (const [name, child] of Object.entries(value))
      visit(child, name, pointer + pointerStep(name), depth + 1);
  };
  visit(schema, "", "", 1);
  if (Buffer.byteLength(JSON.stringify(schema)) > limits.schemaBytesMax)
    throw past("schemaBytesMax", limits, "");
}

function past(limit: keyof SchemaLimits, limits: SchemaLimits, pointer: string): FedbusError {
  return new FedbusError("SCHEMA_LIMIT", `the schema is past ${limit}, which is ${limits[limit]}`, {
    details: { limit, max: limits[limit], pointer },
  });
}

function asynchronous(pointer: string): FedbusError {
  return new FedbusError("SCHEMA_INVALID", "$async schemas cannot be used", {
    details: { pointer: `${pointer}/$async` },
  });
}
