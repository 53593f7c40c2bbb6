import { FedbusError } from "./errors.js";
import type { JsonSchema } from "./schema-definition.js";

/** The drafts of JSON Schema that can be used. */
export type SchemaDraft = "2020-12" | "2019-09" | "07" | "04";

const drafts: Readonly<Record<string, SchemaDraft>> = {
  "https://json-schema.org/draft/2020-12/schema": "2020-12",
  "https://json-schema.org/draft/2019-09/schema": "2019-09",
  "http://json-schema.org/draft-07/schema": "07",
  "http://json-schema.org/draft-04/schema": "04",
};

/** The draft that `$schema` names, 2020-12 without one. Throws SCHEMA_INVALID for any other. */
export function draftOf(schema: JsonSchema): SchemaDraft {
  const uri = typeof schema === "boolean" ? undefined : schema.$schema;
  if (uri === undefined) return "2020-12";
  const named = typeof uri === "string" ? uri.replace(/#$/, "") : "";
  const https = named.replace(
    /^http:\/\/json-schema\.org\/draft\//,
    "https://json-schema.org/draft/",
  );
  const http = named.replace(
    /^https:\/\/json-schema\.org\/draft-/,
    "http://json-schema.org/draft-",
  );
  const draft = Object.hasOwn(drafts, https)
    ? drafts[https]
    : Object.hasOwn(drafts, http)
      ? drafts[http]
      : undefined;
  if (draft !== undefined) return draft;
  throw new FedbusError("SCHEMA_INVALID", "$schema names no draft that fedbus knows", {
    details: { pointer: "/$schema", known: Object.keys(drafts) },
  });
}
