import { canonicalJson } from "../canonical-json.js";
import type { JsonSchema } from "../schema-definition.js";
import type { Finding } from "./difference.js";
import type { SchemaDocument } from "./document.js";
import { Facts } from "./facts.js";
import { intersection } from "./json-type.js";
import type { SchemaNode } from "./node.js";
import { jsonInWords, typesInWords } from "./words.js";

export interface Choice {
  /** That of the refusing side. */
  readonly document: SchemaDocument;
  /** Compares what is accepted here with a part, in the same place. */
  compare(part: JsonSchema): readonly Finding[];
  /** Whether two parts are the same text and mean the same. */
  isSame(given: unknown, refusing: unknown): boolean;
}

/** `anyOf`, `oneOf`, `not`, and the assertions that are compared by their text only. */
export function* compareChoices(
  facts: Facts,
  node: SchemaNode,
  pointer: string,
  choice: Choice,
): Generator<Finding> {
  const { anyOf, oneOf, not } = node;
  if (anyOf !== undefined) yield* compareAnyOf(facts, anyOf, pointer, choice);
  if (oneOf !== undefined) yield* compareOneOf(facts, oneOf, pointer, choice);
  if (not !== undefined && !isApart(facts, not, choice.document))
    if (!facts.nodes.some((one) => one.not !== undefined && choice.isSame(one.not, not)))
      yield unclear(pointer, "not", not);
  for (const [keyword, text] of node.others) {
    const said = facts.nodes.flatMap((one) => one.others.get(keyword) ?? []);
    const isKnown = said.some((one) => choice.isSame(JSON.parse(one), JSON.parse(text)));
    // What is left unevaluated depends on everything beside it.
    if (!isKnown || keyword.startsWith("unevaluated"))
      yield unclear(pointer, keyword, node.schema[keyword] as JsonSchema);
  }
}

function* compareAnyOf(
  facts: Facts,
  alternatives: readonly JsonSchema[],
  pointer: string,
  choice: Choice,
): Generator<Finding> {
  const near: (readonly Finding[])[] = [];
  for (const alternative of alternatives) {
    const findings = choice.compare(alternative);
    if (findings.length === 0) return;
    if (!isApart(facts, alternative, choice.document)) near.push(findings);
  }
  yield* nearest("anyOf", facts, near, pointer);
}

/** One must accept all, and none of the others any of it. */
function* compareOneOf(
  facts: Facts,
  alternatives: readonly JsonSchema[],
  pointer: string,
  choice: Choice,
): Generator<Finding> {
  if (facts.nodes.some(({ oneOf }) => oneOf !== undefined && choice.isSame(oneOf, alternatives)))
    return;
  const near = alternatives
    .filter((alternative) => !isApart(facts, alternative, choice.document))
    .map((alternative) => choice.compare(alternative));
  if (near.length === 1 && near[0]!.length === 0) return;
  yield* nearest("oneOf", facts, near, pointer);
}

/** What to tell: of the only alternative that could have done, or that none is known to do. */
function* nearest(
  keyword: "anyOf" | "oneOf",
  facts: Facts,
  near: readonly (readonly Finding[])[],
  pointer: string,
): Generator<Finding> {
  if (near.length === 1) return yield* near[0]!;
  yield {
    pointer,
    keyword,
    accepting: typesInWords(facts.types),
    refusing: keyword === "anyOf" ? "one of several alternatives" : "exactly one of several",
    events: "here",
    certain: near.length === 0,
  };
}

/** Whether no value that is accepted here can be one of `schema`'s, by type. */
function isApart(facts: Facts, schema: JsonSchema, document: SchemaDocument): boolean {
  const other = new Facts(document, [schema]);
  if (other.isEmpty || intersection(facts.types, other.types).size === 0) return true;
  return isOnlyObject(facts) && isOnlyObject(other) && hasOtherMark(facts, other);
}

function isOnlyObject({ types }: Facts): boolean {
  return types.size === 1 && types.has("object");
}

/** Whether both must have a member whose few values differ, as tagged objects do. */
function hasOtherMark(facts: Facts, other: Facts): boolean {
  for (const name of facts.required) {
    if (!other.required.has(name)) continue;
    const [ours, theirs] = [facts, other].map((one) => valuesOf(one, name));
    if (ours === undefined || theirs === undefined) continue;
    const texts = new Set(theirs.map(canonicalJson));
    if (!ours.some((value) => texts.has(canonicalJson(value)))) return true;
  }
  return false;
}

function valuesOf({ nodes }: Facts, name: string): readonly unknown[] | undefined {
  for (const { properties } of nodes) {
    const schema = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (typeof schema !== "object") continue;
    if (schema.const !== undefined) return [schema.const];
    if (Array.isArray(schema.enum)) return schema.enum;
  }
  return undefined;
}

function unclear(pointer: string, keyword: string, schema: JsonSchema): Finding {
  return {
    pointer,
    keyword,
    accepting: "without that",
    refusing: `under \`${keyword}\` ${jsonInWords(schema)}`,
    events: "here",
    certain: false,
  };
}
