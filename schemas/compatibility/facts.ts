import type { JsonSchema } from "../schema-definition.js";
import { isSchema, type SchemaDocument } from "./document.js";
import { everyType, intersection, type JsonType } from "./json-type.js";
import type { Bound, SchemaNode } from "./node.js";

type SchemaObject = Exclude<JsonSchema, boolean>;

/**
 * What is known of a value that all of some schemas accept. What is not understood is left out, so a
 * value may well have to fulfil more than this, but never less.
 */
export class Facts {
  /** The schemas as they were given. */
  readonly given: readonly JsonSchema[];
  /** What they say, references and `allOf` taken apart. */
  readonly nodes: readonly SchemaNode[];
  readonly types: ReadonlySet<JsonType>;
  /** Whether no value at all is accepted. */
  readonly isEmpty: boolean;
  readonly #document: SchemaDocument;

  constructor(document: SchemaDocument, given: readonly JsonSchema[]) {
    this.#document = document;
    this.given = given;
    const parts = new Set<JsonSchema>();
    for (const schema of given) takeApart(document, schema, parts, new Set());
    this.nodes = [...parts].flatMap((part) =>
      typeof part === "boolean" ? [] : [document.nodeOf(part)],
    );
    this.types = this.nodes.map(({ types }) => types).reduce(intersection, everyType);
    this.isEmpty = parts.has(false) || this.types.size === 0;
  }

  /** All values that there can be, if they are few enough to be listed. */
  get values(): readonly unknown[] | undefined {
    const listed = this.nodes.find(({ values }) => values !== undefined)?.values;
    if (listed !== undefined) return listed;
    if (![...this.types].every((type) => type === "null" || type === "boolean")) return undefined;
    return [...this.types].flatMap((type) => (type === "null" ? [null] : [true, false]));
  }

  get lower(): Bound | undefined {
    return tightest(
      this.nodes.map(({ lower }) => this.#whole(lower, 1)),
      (a, b) => a > b,
    );
  }

  get upper(): Bound | undefined {
    return tightest(
      this.nodes.map(({ upper }) => this.#whole(upper, -1)),
      (a, b) => a < b,
    );
  }

  most(name: "minLength" | "minItems" | "minProperties"): number {
    return Math.max(0, ...this.nodes.map((node) => node[name]));
  }

  least(name: "maxLength" | "maxItems" | "maxProperties"): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.nodes.map((node) => node[name]));
  }

  get required(): ReadonlySet<string> {
    return new Set(this.nodes.flatMap(({ required }) => required));
  }

  /**
   * The same facts with one more, several ways: every value is of one of them. By the alternatives of
   * an `anyOf` or `oneOf`, else by type. Undefined where there is nothing to divide by.
   */
  branches(): readonly (readonly JsonSchema[])[] | undefined {
    const chooser = this.nodes.find(
      ({ anyOf, oneOf }) => anyOf !== undefined || oneOf !== undefined,
    );
    if (chooser !== undefined) {
      const { anyOf, oneOf } = chooser;
      const keyword = anyOf === undefined ? "oneOf" : "anyOf";
      const others = this.nodes.filter((node) => node !== chooser).map(({ schema }) => schema);
      const own = this.#document.without(chooser.schema, keyword);
      return (anyOf ?? oneOf ?? []).map((branch) => [...others, own, branch]);
    }
    if (this.types.size < 2) return undefined;
    const all = this.nodes.map(({ schema }) => schema);
    return [...this.types].map((type) => [...all, ofType[type]]);
  }

  /** For integers, the bound moved to the nearest one inside. */
  #whole(bound: Bound | undefined, step: 1 | -1): Bound | undefined {
    if (bound === undefined || this.types.has("number")) return bound;
    const inside = step === 1 ? Math.ceil(bound.value) : Math.floor(bound.value);
    const value = bound.exclusive && inside === bound.value ? inside + step : inside;
    return Number.isSafeInteger(value) ? { value, exclusive: false } : bound;
  }
}

const ofType: Readonly<Record<JsonType, SchemaObject>> = {
  null: { type: "null" },
  boolean: { type: "boolean" },
  integer: { type: "integer" },
  number: { type: "number" },
  string: { type: "string" },
  array: { type: "array" },
  object: { type: "object" },
};

function takeApart(
  document: SchemaDocument,
  schema: JsonSchema,
  parts: Set<JsonSchema>,
  seen: Set<JsonSchema>,
): void {
  if (seen.has(schema)) return;
  seen.add(schema);
  if (typeof schema === "boolean") {
    if (!schema) parts.add(schema);
    return;
  }
  const { ref, allOf } = document.nodeOf(schema);
  const isWhole = ref === undefined && allOf.length === 0;
  parts.add(isWhole ? schema : document.without(schema, "allOf", "$ref"));
  const target = ref === undefined ? undefined : document.resolve(ref);
  if (target !== undefined) takeApart(document, target, parts, seen);
  for (const part of allOf) if (isSchema(part)) takeApart(document, part, parts, seen);
}

function tightest(
  bounds: readonly (Bound | undefined)[],
  isTighter: (a: number, b: number) => boolean,
): Bound | undefined {
  let found: Bound | undefined;
  for (const bound of bounds) {
    if (bound === undefined) continue;
    const isSame = found?.value === bound.value;
    if (found === undefined || isTighter(bound.value, found.value) || (isSame && bound.exclusive))
      found = bound;
  }
  return found;
}
