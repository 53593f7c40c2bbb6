import { canonicalJson } from "../canonical-json.js";
import type { SchemaCompiler } from "../schema-compiler.js";
import type { JsonSchema } from "../schema-definition.js";
import type { SchemaDraft } from "../schema-draft.js";
import { everyType, intersection, type JsonType } from "./json-type.js";

type Members = Readonly<Record<string, JsonSchema>>;

/** One end of a range. */
export interface Bound {
  readonly value: number;
  readonly exclusive: boolean;
}

/** What one schema object says itself, in the same form whatever its draft. */
export interface SchemaNode {
  readonly schema: Exclude<JsonSchema, boolean>;
  readonly types: ReadonlySet<JsonType>;
  /** Of `enum` or `const`. */
  readonly values: readonly unknown[] | undefined;
  readonly ref: unknown;
  readonly allOf: readonly JsonSchema[];
  readonly anyOf: readonly JsonSchema[] | undefined;
  readonly oneOf: readonly JsonSchema[] | undefined;
  readonly not: JsonSchema | undefined;
  readonly lower: Bound | undefined;
  readonly upper: Bound | undefined;
  readonly multipleOf: number | undefined;
  readonly minLength: number;
  readonly maxLength: number;
  readonly pattern: string | undefined;
  readonly format: string | undefined;
  /** What the format applies to; undefined if it is only an annotation. */
  readonly formatType: "string" | "number" | undefined;
  /** The first items' schemas, and that of the items behind them. */
  readonly prefix: readonly JsonSchema[];
  readonly rest: JsonSchema;
  readonly minItems: number;
  readonly maxItems: number;
  readonly uniqueItems: boolean;
  readonly properties: Members;
  readonly patterns: Members;
  readonly additional: JsonSchema;
  readonly required: readonly string[];
  readonly minProperties: number;
  readonly maxProperties: number;
  /** Assertions that nothing above tells of: keyword and canonical JSON. */
  readonly others: ReadonlyMap<string, string>;
}

/** Keywords that `SchemaNode` has a member for, and those that assert nothing. */
const read = new Set([
  ..."type nullable enum const $ref allOf anyOf oneOf not minimum maximum exclusiveMinimum".split(
    " ",
  ),
  ..."exclusiveMaximum multipleOf minLength maxLength pattern format prefixItems items".split(" "),
  ..."additionalItems minItems maxItems uniqueItems properties patternProperties".split(" "),
  ..."additionalProperties required minProperties maxProperties $comment $id id $schema".split(" "),
  ..."$defs definitions $anchor $vocabulary then else".split(" "),
]);

/** Reads the keywords that the draft has, as its validator does: the others assert nothing. */
export function readNode(
  schema: Exclude<JsonSchema, boolean>,
  draft: SchemaDraft,
  compiler: SchemaCompiler,
): SchemaNode {
  const get = (name: string): unknown =>
    Object.hasOwn(schema, name) && compiler.knows(name, draft) ? schema[name] : undefined;
  const count = (name: string, otherwise: number): number =>
    typeof get(name) === "number" ? (get(name) as number) : otherwise;
  const format = get("format") as string | undefined;
  return {
    schema,
    types: typesOf(get("type"), get("nullable")),
    values: valuesOf(get("enum"), get("const")),
    ref: get("$ref"),
    allOf: (get("allOf") ?? []) as JsonSchema[],
    anyOf: get("anyOf") as JsonSchema[] | undefined,
    oneOf: get("oneOf") as JsonSchema[] | undefined,
    not: get("not") as JsonSchema | undefined,
    lower: boundOf(get("minimum"), get("exclusiveMinimum"), Math.max),
    upper: boundOf(get("maximum"), get("exclusiveMaximum"), Math.min),
    multipleOf: get("multipleOf") as number | undefined,
    minLength: count("minLength", 0),
    maxLength: count("maxLength", Number.POSITIVE_INFINITY),
    pattern: get("pattern") as string | undefined,
    format,
    formatType: format === undefined ? undefined : compiler.formatType(format, draft),
    ...itemsOf(get("prefixItems"), get("items"), get("additionalItems")),
    minItems: count("minItems", 0),
    maxItems: count("maxItems", Number.POSITIVE_INFINITY),
    uniqueItems: get("uniqueItems") === true,
    properties: (get("properties") ?? {}) as Members,
    patterns: (get("patternProperties") ?? {}) as Members,
    additional: (get("additionalProperties") ?? true) as JsonSchema,
    required: (get("required") ?? []) as string[],
    minProperties: count("minProperties", 0),
    maxProperties: count("maxProperties", Number.POSITIVE_INFINITY),
    others: othersIn(schema, (name) => compiler.knows(name, draft)),
  };
}

function typesOf(type: unknown, nullable: unknown): ReadonlySet<JsonType> {
  if (type === undefined) return everyType;
  const types = new Set((Array.isArray(type) ? type : [type]) as JsonType[]);
  if (nullable === true) types.add("null");
  // `integer` beside `number` adds nothing.
  return intersection(types, everyType);
}

function valuesOf(list: unknown, one: unknown): readonly unknown[] | undefined {
  if (one !== undefined) return [one];
  return Array.isArray(list) ? list : undefined;
}

/** Draft 04 has flags for what later drafts have numbers for. */
function boundOf(
  inclusive: unknown,
  exclusive: unknown,
  tighter: (a: number, b: number) => number,
): Bound | undefined {
  if (typeof exclusive !== "number")
    return typeof inclusive === "number"
      ? { value: inclusive, exclusive: exclusive === true }
      : undefined;
  if (typeof inclusive !== "number") return { value: exclusive, exclusive: true };
  const value = tighter(inclusive, exclusive);
  return { value, exclusive: value === exclusive };
}

function itemsOf(
  prefix: unknown,
  items: unknown,
  additional: unknown,
): Pick<SchemaNode, "prefix" | "rest"> {
  if (Array.isArray(items)) return { prefix: items, rest: (additional ?? true) as JsonSchema };
  return { prefix: (prefix ?? []) as JsonSchema[], rest: (items ?? true) as JsonSchema };
}

/** What a keyword says, together with those that it is read with. */
const together: Readonly<Record<string, readonly string[]>> = {
  if: ["then", "else"],
  contains: ["minContains", "maxContains"],
};

function othersIn(
  schema: Exclude<JsonSchema, boolean>,
  knows: (name: string) => boolean,
): ReadonlyMap<string, string> {
  const names = Object.keys(schema).filter((name) => !read.has(name) && knows(name));
  return new Map(
    names.map((name) => {
      const said = [name, ...(together[name] ?? [])].map((one) => schema[one] ?? null);
      return [name, canonicalJson(said)];
    }),
  );
}
