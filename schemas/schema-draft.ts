import { FedbusError } from "./errors.js";
import type { JsonSchema } from "./schema-definition.js";

/** The drafts of JSON Schema that can be used. */
export type SchemaDraft = "2020-12" | "2019-09" | "07" | "04";

const known: readonly SchemaDraft[] = ["2020-12", "2019-09", "07", "04"];

/** `http://json-schema.org/draft-07/schema#` and `https://json-schema.org/draft/2020-12/schema`. */
const uriOfDraft = /^https?:\/\/json-schema\.org\/draft[-/]([\d-]+)\/schema#?$/;

/** The draft that `$schema` names, 2020-12 without one. Throws SCHEMA_INVALID for any other. */
export function draftOf(schema: JsonSchema): SchemaDraft {
  const uri = typeof schema === "boolean" ? undefined : schema.$schema;
  if (uri === undefined) return "2020-12";
  const name = typeof uri === "string" ? uriOfDraft.exec(uri)?.[1] : undefined;
  const draft = known.find((one) => one === name);
  if (draft !== undefined) return draft;
  throw new FedbusError("SCHEMA_INVALID", "$schema names no draft that fedbus knows", {
    details: { pointer: "/$schema", known },
  });
}
