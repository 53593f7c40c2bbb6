import { SchemaCompiler } from "../schema-compiler.js";
import type { JsonSchema } from "../schema-definition.js";
import { Comparison } from "./comparison.js";
import {
  backwardDifference,
  type Compatibility,
  forwardDifference,
  type SchemaDifference,
} from "./difference.js";
import { SchemaDocument } from "./document.js";

/**
 * Where a schema and the one after it are not compatible; nothing means that they are. `backward` and
 * `forward` look one way, `full` both ways; `none` finds nothing. Sound for every schema: where what
 * JSON Schema says cannot be followed, a difference is told that is not certain. Throws SCHEMA_INVALID
 * for a `$schema` that is no known draft.
 */
export function compareSchemas(
  before: JsonSchema,
  after: JsonSchema,
  compatibility: Compatibility = "backward",
): SchemaDifference[] {
  const compiler = new SchemaCompiler();
  const old = new SchemaDocument(before, compiler);
  const fresh = new SchemaDocument(after, compiler);
  const both = compatibility === "full";
  const backward = both || compatibility === "backward" ? new Comparison(old, fresh) : undefined;
  const forward = both || compatibility === "forward" ? new Comparison(fresh, old) : undefined;
  return [
    ...(backward?.findings() ?? []).map(backwardDifference),
    ...(forward?.findings() ?? []).map(forwardDifference),
  ];
}
