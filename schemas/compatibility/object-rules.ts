import { pointerStep } from "../json-pointer.js";
import { linearRegExp } from "../linear-regexp.js";
import type { JsonSchema } from "../schema-definition.js";
import type { Compare } from "./array-rules.js";
import type { Finding } from "./difference.js";
import type { Facts } from "./facts.js";
import type { SchemaNode } from "./node.js";

export function* compareObjects(
  facts: Facts,
  node: SchemaNode,
  pointer: string,
  compare: Compare,
): Generator<Finding> {
  yield* compareRequired(facts, node, pointer);
  yield* compareCounts(facts, node, pointer);
  const names = new Set(
    [...facts.nodes, node].flatMap(({ properties }) => Object.keys(properties)),
  );
  for (const name of names) {
    const given = facts.nodes.flatMap((one) => schemasFor(one, name));
    for (const refusing of schemasFor(node, name))
      yield* compare(given, refusing, pointer + pointerStep(name));
  }
  yield* compareOthers(facts, node, pointer, compare);
}

function* compareRequired(facts: Facts, node: SchemaNode, pointer: string): Generator<Finding> {
  const { required } = facts;
  for (const name of node.required)
    if (!required.has(name))
      yield {
        pointer: pointer + pointerStep(name),
        keyword: "required",
        accepting: "optional",
        refusing: "required",
        events: "without it",
        certain: true,
      };
}

function* compareCounts(facts: Facts, node: SchemaNode, pointer: string): Generator<Finding> {
  const least = Math.max(facts.most("minProperties"), facts.required.size);
  const closed = facts.nodes.find(
    ({ additional, patterns }) => additional === false && Object.keys(patterns).length === 0,
  );
  const listed = closed === undefined ? Infinity : Object.keys(closed.properties).length;
  const most = Math.min(facts.least("maxProperties"), listed);
  if (node.minProperties > least)
    yield {
      pointer,
      keyword: "minProperties",
      accepting: `with at least ${least} members`,
      refusing: `with at least ${node.minProperties} members`,
      events: "with fewer members",
      certain: true,
    };
  if (node.maxProperties < most)
    yield {
      pointer,
      keyword: "maxProperties",
      accepting: most === Infinity ? "with any number of members" : `with at most ${most} members`,
      refusing: `with at most ${node.maxProperties} members`,
      events: "with more members",
      certain: true,
    };
}

/** What a node says of the member `name`. */
function schemasFor(node: SchemaNode, name: string): JsonSchema[] {
  const own = Object.hasOwn(node.properties, name) ? [node.properties[name]!] : [];
  const matching = Object.entries(node.patterns).filter(([pattern]) =>
    linearRegExp(pattern).test(name),
  );
  const found = [...own, ...matching.map(([, schema]) => schema)];
  return found.length === 0 ? [node.additional] : found;
}

/** Members that no schema names: by their patterns, and those that match none. */
function* compareOthers(
  facts: Facts,
  node: SchemaNode,
  pointer: string,
  compare: Compare,
): Generator<Finding> {
  const at = `${pointer}/*`;
  for (const [pattern, refusing] of Object.entries(node.patterns))
    yield* compare(givenFor(facts, pattern), refusing, at);
  const seen = new Set(Object.keys(node.patterns));
  const patterns = new Set(facts.nodes.flatMap((one) => Object.keys(one.patterns)));
  for (const pattern of patterns)
    if (!seen.has(pattern)) yield* compare(givenFor(facts, pattern), node.additional, at);
  yield* compare(
    facts.nodes.map(({ additional }) => additional),
    node.additional,
    at,
  );
}

/**
 * What is known of members that match `pattern` and are not named. A node with other patterns says
 * nothing certain of them: which of those match too is not looked into.
 */
function givenFor(facts: Facts, pattern: string): JsonSchema[] {
  return facts.nodes.flatMap(({ patterns, additional }) => {
    if (Object.hasOwn(patterns, pattern)) return [patterns[pattern]!];
    return Object.keys(patterns).length === 0 ? [additional] : [];
  });
}
