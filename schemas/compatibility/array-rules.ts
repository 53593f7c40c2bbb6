import type { JsonSchema } from "../schema-definition.js";
import type { Finding } from "./difference.js";
import type { Facts } from "./facts.js";
import type { SchemaNode } from "./node.js";
import { leastInWords, mostInWords } from "./words.js";

/** Compares what all of `given` accept with what `refusing` does, at a place. */
export type Compare = (
  given: readonly JsonSchema[],
  refusing: JsonSchema,
  pointer: string,
) => readonly Finding[];

export function* compareArrays(
  facts: Facts,
  node: SchemaNode,
  pointer: string,
  compare: Compare,
): Generator<Finding> {
  const least = facts.most("minItems");
  const most = facts.least("maxItems");
  if (node.minItems > least)
    yield {
      pointer,
      keyword: "minItems",
      accepting: leastInWords(least, "items"),
      refusing: leastInWords(node.minItems, "items"),
      events: "with fewer items",
      certain: true,
    };
  if (node.maxItems < most)
    yield {
      pointer,
      keyword: "maxItems",
      accepting: mostInWords(most, "items"),
      refusing: mostInWords(node.maxItems, "items"),
      events: "with more items",
      certain: true,
    };
  if (node.uniqueItems && most > 1 && !facts.nodes.some(({ uniqueItems }) => uniqueItems))
    yield {
      pointer,
      keyword: "uniqueItems",
      accepting: "with the same item more than once, perhaps",
      refusing: "with each item once",
      events: "with an item twice",
      certain: true,
    };
  yield* compareItems(facts, node, pointer, compare);
}

function* compareItems(
  facts: Facts,
  node: SchemaNode,
  pointer: string,
  compare: Compare,
): Generator<Finding> {
  const most = facts.least("maxItems");
  const listed = Math.max(node.prefix.length, ...facts.nodes.map(({ prefix }) => prefix.length));
  for (let index = 0; index < listed && index < most; index++) {
    const given = facts.nodes.map(({ prefix, rest }) => prefix[index] ?? rest);
    yield* compare(given, node.prefix[index] ?? node.rest, `${pointer}/${index}`);
  }
  if (most > listed)
    yield* compare(
      facts.nodes.map(({ rest }) => rest),
      node.rest,
      `${pointer}/*`,
    );
}
