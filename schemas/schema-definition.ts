import { type Compatibility, compatibilities } from "./compatibility/difference.js";
import { FedbusError } from "./errors.js";
import { canonicalPatterns } from "./pattern.js";
import { isTopic } from "./topic.js";
import { checkUpcast, type Upcast } from "./upcast/upcast.js";

/** A JSON Schema of any draft. */
export type JsonSchema = Readonly<Record<string, unknown>> | boolean;

/** A schema version to register. */
export interface SchemaDefinition {
  /** Dotted name, such as `order.created`: a topic without `@`. */
  readonly name: string;
  /** 1, 2, 3 ... */
  readonly version: number;
  /** Topic patterns whose events' `msg` it describes; the most specific pattern of all wins. */
  readonly topics: readonly string[];
  /** JSON Schema: draft 2020-12, 2019-09, 07 or 04, by its `$schema` (default 2020-12). */
  readonly schema: JsonSchema;
  /**
   * What this version and those after it promise to the version before each. Default: what the
   * version before said, `backward` at first.
   */
  readonly compatibility?: Compatibility;
  /** How an event of the version before becomes one of this. Default: it is one as it stands. */
  readonly upcast?: Upcast;
}

const versionMax = 1_000_000;
const members = new Set(["name", "version", "topics", "schema", "compatibility", "upcast"]);

/**
 * `value` as a definition of its own: topics canonical, the schema a copy that nobody else holds.
 * Throws SCHEMA_INVALID naming the member at fault, and PATTERN_INVALID for a topic pattern.
 */
export function checkDefinition(value: unknown): SchemaDefinition {
  if (!isRecord(value)) throw invalid("", "a schema definition must be an object");
  const unknown = Object.keys(value).find((key) => !members.has(key));
  if (unknown !== undefined)
    throw invalid("", `a schema definition has no member ${JSON.stringify(unknown)}`);
  const { name, version, topics, schema, compatibility, upcast } = value;
  if (typeof name !== "string" || !isTopic(name) || name.includes("@"))
    throw invalid("/name", "the schema's name must be dotted, like a topic, and without @");
  if (
    typeof version !== "number" ||
    !Number.isInteger(version) ||
    version < 1 ||
    version > versionMax
  )
    throw invalid("/version", `the schema's version must be an integer from 1 to ${versionMax}`);
  if (!Array.isArray(topics) || !topics.every((topic) => typeof topic === "string"))
    throw invalid("/topics", "the schema's topics must be an array of patterns");
  if (typeof schema !== "boolean" && !isRecord(schema))
    throw invalid("/schema", "the schema must be an object, true or false");
  return {
    name,
    version,
    topics: topics.length === 0 ? [] : canonicalPatterns(topics),
    schema: plainCopy(schema) as JsonSchema,
    ...(compatibility === undefined ? {} : { compatibility: checkCompatibility(compatibility) }),
    ...(upcast === undefined ? {} : { upcast: checkUpcast(plainCopy(upcast)) }),
  };
}

function checkCompatibility(value: unknown): Compatibility {
  const known = compatibilities.find((one) => one === value);
  if (known !== undefined) return known;
  throw invalid("/compatibility", `compatibility must be ${compatibilities.join(", ")}`);
}

/**
 * `value` as plain JSON that nobody else holds. Throws SCHEMA_INVALID if it cannot be written as
 * JSON, and SCHEMA_LIMIT if it is nested too deep for that.
 */
export function plainCopy(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value));
  } catch (cause) {
    if (cause instanceof RangeError)
      throw new FedbusError("SCHEMA_LIMIT", "the schema is nested far too deep", { cause });
    throw new FedbusError("SCHEMA_INVALID", "the schema cannot be written as JSON", { cause });
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(pointer: string, message: string): FedbusError {
  return new FedbusError("SCHEMA_INVALID", message, { details: { pointer } });
}
