import { createRequire } from "node:module";
import type { Ajv, Options, ValidateFunction } from "ajv";
import { FedbusError, isFedbusError } from "./errors.js";
import { linearRegExp } from "./linear-regexp.js";
import type { JsonSchema } from "./schema-definition.js";
import type { SchemaDraft } from "./schema-draft.js";
import { problemOf, type SchemaProblem } from "./schema-problem.js";
import { uniqueItems } from "./unique-items.js";

/** Checks one body; undefined if it is what the schema wants. */
export type Validate = (body: unknown) => SchemaProblem | undefined;

/** Puts the schema's defaults where `value` has nothing, and tells everything that is wrong. */
export type Complete = (value: unknown) => readonly SchemaProblem[];

/**
 * The one place that knows ajv. Nothing is coerced, filled in, fetched or logged; only own
 * properties count; the first fault ends the check. `strict` is off because JSON Schema says that
 * unknown keywords and formats are annotations, and schemas in the wild rely on it; the schema itself
 * is still held against its draft's meta-schema.
 */
const options = {
  strict: false,
  strictNumbers: true,
  allErrors: false,
  ownProperties: true,
  logger: false,
  messages: true,
  validateFormats: true,
  unicodeRegExp: false,
  code: { regExp: Object.assign(linearRegExp, { code: "linearRegExp" }) },
} as const satisfies Options;

const bodies = (): unknown[] => [null, true, 0, "", [], {}];

/** Compiles schemas. Each gets an ajv of its own, so their `$id`s cannot meet. */
export class SchemaCompiler {
  readonly #metas = new Map<SchemaDraft, Ajv>();

  /** Throws SCHEMA_INVALID, naming the place, unless `schema` can be used. */
  compile(schema: JsonSchema, draft: SchemaDraft): Validate {
    const check = this.#checkOf(schema, draft, options);
    return (body) => validate(check, body);
  }

  /**
   * For values of people who can be trusted, such as a configuration: looks at everything instead
   * of ending at the first fault. Throws as `compile`.
   */
  compileComplete(schema: JsonSchema, draft: SchemaDraft): Complete {
    const check = this.#checkOf(schema, draft, { ...options, allErrors: true, useDefaults: true });
    return (value) => (check(value) ? [] : (check.errors ?? []).map(problemOf));
  }

  /** Whether the draft's validator has that keyword; others are annotations. */
  knows(keyword: string, draft: SchemaDraft): boolean {
    return this.#plainOf(draft).getKeyword(keyword) !== false;
  }

  /** The type of the values that a format is checked on; undefined for an unknown one, which is an annotation. */
  formatType(format: string, draft: SchemaDraft): "string" | "number" | undefined {
    const { formats: known } = this.#plainOf(draft);
    const found = Object.hasOwn(known, format) ? known[format] : undefined;
    if (found === undefined || found === true) return undefined;
    return typeof found === "object" && "type" in found ? (found.type ?? "string") : "string";
  }

  #plainOf(draft: SchemaDraft): Ajv {
    let ajv = this.#metas.get(draft);
    if (ajv === undefined) {
      ajv = ajvFor(draft, { ...options, code: {} });
      this.#metas.set(draft, ajv);
    }
    return ajv;
  }

  #checkOf(schema: JsonSchema, draft: SchemaDraft, how: Options): ValidateFunction {
    this.#checkAgainstDraft(schema, draft);
    const ajv = ajvFor(draft, { ...how, meta: false, validateSchema: false });
    ajv.removeKeyword("uniqueItems").addKeyword(uniqueItems);
    let check: ValidateFunction;
    try {
      check = ajv.compile(schema);
    } catch (error) {
      throw unusable(error);
    }
    for (const body of bodies()) probe(check, body);
    return check;
  }

  #checkAgainstDraft(schema: JsonSchema, draft: SchemaDraft): void {
    const meta = this.#plainOf(draft);
    if (meta.validateSchema(schema) === true) return;
    const { pointer, expected, keyword } = problemOf(meta.errors?.[0]);
    throw new FedbusError("SCHEMA_INVALID", `the schema is wrong: ${pointer || "/"} ${expected}`, {
      details: { pointer, expected, keyword },
    });
  }
}

/** At once, and only with the first schema: most processes never see one. */
const require = createRequire(import.meta.url);

function ajvFor(draft: SchemaDraft, withOptions: Options): Ajv {
  const ajv = newAjv(draft, withOptions);
  const formats = require("ajv-formats") as typeof import("ajv-formats");
  formats.default(ajv);
  return ajv;
}

function newAjv(draft: SchemaDraft, withOptions: Options): Ajv {
  switch (draft) {
    case "2020-12": {
      const { Ajv2020 } = require("ajv/dist/2020.js") as typeof import("ajv/dist/2020.js");
      return new Ajv2020(withOptions);
    }
    case "2019-09": {
      const { Ajv2019 } = require("ajv/dist/2019.js") as typeof import("ajv/dist/2019.js");
      return new Ajv2019(withOptions);
    }
    case "07": {
      const { Ajv } = require("ajv") as typeof import("ajv");
      return new Ajv(withOptions);
    }
    case "04": {
      const draft04 = require("ajv-draft-04") as typeof import("ajv-draft-04");
      return new draft04.default(withOptions);
    }
  }
}

function unusable(error: unknown): FedbusError {
  if (isFedbusError(error)) return error;
  if (error instanceof RangeError)
    return new FedbusError("SCHEMA_LIMIT", "the schema is too large to compile", { cause: error });
  const why = error instanceof Error ? error.message : String(error);
  return new FedbusError("SCHEMA_INVALID", `the schema cannot be compiled: ${why}`, {
    cause: error,
  });
}

/** A schema that refers to itself in place runs out of stack on whatever it is given. */
function probe(check: ValidateFunction, body: unknown): void {
  try {
    check(body);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw unusable(cause);
    throw new FedbusError("SCHEMA_INVALID", "the schema refers to itself without end", { cause });
  }
}

/** ajv's generated code can fail on rare bodies: a fault of the schema, for which that body alone is refused. */
function validate(check: ValidateFunction, body: unknown): SchemaProblem | undefined {
  try {
    return check(body) ? undefined : problemOf(check.errors?.[0]);
  } catch (error) {
    if (error instanceof RangeError)
      return { pointer: "", keyword: "$ref", expected: "must not make the schema refer to itself" };
    const why = error instanceof Error ? error.message : String(error);
    return { pointer: "", keyword: "$schema", expected: `is not to be checked: ${why}` };
  }
}
