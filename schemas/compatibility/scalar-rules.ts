import type { Finding } from "./difference.js";
import type { Facts } from "./facts.js";
import type { Bound, SchemaNode } from "./node.js";
import { leastInWords, lowerInWords, mostInWords, upperInWords } from "./words.js";

/** Where in the body two schemas are compared, and a way to see whether a difference matters there. */
export interface Place {
  readonly pointer: string;
  /** Whether one of `values` is accepted by what is accepted here, and refused by what refuses. */
  isShownBy(values: readonly unknown[]): boolean;
}

export function* compareNumbers(facts: Facts, node: SchemaNode, place: Place): Generator<Finding> {
  const { pointer } = place;
  const { lower, upper } = facts;
  if (node.lower !== undefined && !isWithin(lower, node.lower, 1))
    yield {
      pointer,
      keyword: "minimum",
      accepting: lowerInWords(lower),
      refusing: lowerInWords(node.lower),
      events: "with less",
      certain: true,
    };
  if (node.upper !== undefined && !isWithin(upper, node.upper, -1))
    yield {
      pointer,
      keyword: "maximum",
      accepting: upperInWords(upper),
      refusing: upperInWords(node.upper),
      events: "with more",
      certain: true,
    };
  const factor = node.multipleOf;
  if (factor !== undefined && !isMultiple(facts, factor))
    yield {
      pointer,
      keyword: "multipleOf",
      accepting: factorsInWords(facts),
      refusing: `a multiple of ${factor}`,
      events: "with another number",
      certain: place.isShownBy(numbersNear(lower, upper)),
    };
}

/** Whether everything inside of `bound` is inside of `wanted`. */
function isWithin(bound: Bound | undefined, wanted: Bound, sign: 1 | -1): boolean {
  if (bound === undefined) return false;
  const difference = (bound.value - wanted.value) * sign;
  return difference > 0 || (difference === 0 && (bound.exclusive || !wanted.exclusive));
}

/**
 * Validators divide and look for a remainder, which large numbers lose: so multiples of one number are
 * multiples of another only between bounds.
 */
function isMultiple({ nodes, lower, upper, types }: Facts, factor: number): boolean {
  const factors = nodes.flatMap(({ multipleOf }) => multipleOf ?? []);
  if (factors.includes(factor)) return true;
  const isBounded = [lower, upper].every(
    (end) => end !== undefined && Number.isSafeInteger(end.value),
  );
  const whole = types.has("number") ? factors : [...factors, 1];
  return (
    isBounded &&
    Number.isSafeInteger(factor) &&
    whole.some((one) => Number.isSafeInteger(one) && one % factor === 0)
  );
}

function factorsInWords({ nodes, types }: Facts): string {
  const factors = nodes.flatMap(({ multipleOf }) => multipleOf ?? []);
  if (factors.length > 0) return `a multiple of ${factors.join(" and ")}`;
  return types.has("number") ? "any number" : "any integer";
}

function numbersNear(lower: Bound | undefined, upper: Bound | undefined): number[] {
  const start = lower?.value ?? (upper === undefined ? 0 : upper.value - 10);
  return [0, 0.5, 1, 7].map((step) => start + step);
}

export function* compareStrings(facts: Facts, node: SchemaNode, place: Place): Generator<Finding> {
  const { pointer } = place;
  const least = facts.most("minLength");
  const most = facts.least("maxLength");
  if (node.minLength > least)
    yield {
      pointer,
      keyword: "minLength",
      accepting: leastInWords(least, "characters"),
      refusing: leastInWords(node.minLength, "characters"),
      events: "with fewer characters",
      certain: true,
    };
  if (node.maxLength < most)
    yield {
      pointer,
      keyword: "maxLength",
      accepting: mostInWords(most, "characters"),
      refusing: mostInWords(node.maxLength, "characters"),
      events: "with more characters",
      certain: true,
    };
  if (node.pattern !== undefined && !facts.nodes.some(({ pattern }) => pattern === node.pattern))
    yield* [differentText("pattern", node.pattern, facts, place)];
}

/** A format is the same or it is not: which formats hold others is not looked into. */
export function* compareFormats(facts: Facts, node: SchemaNode, place: Place): Generator<Finding> {
  if (node.format === undefined || facts.nodes.some(({ format }) => format === node.format)) return;
  yield differentText("format", node.format, facts, place);
}

function differentText(
  keyword: "pattern" | "format",
  wanted: string,
  facts: Facts,
  place: Place,
): Finding {
  const had = facts.nodes.flatMap((node) => node[keyword] ?? []);
  const least = Math.min(facts.most("minLength"), 1_000);
  const samples = ["", "a", "Z9", " ", "-1", "\u0001", "é", "2020-01-01"];
  const values = keyword === "format" ? [...samples, 0.5, 2 ** 40] : samples;
  return {
    pointer: place.pointer,
    keyword,
    accepting: had.length === 0 ? `of any ${keyword}` : `of the ${keyword} ${had.join(" and ")}`,
    refusing: `of the ${keyword} ${wanted}`,
    events: "with another",
    certain: place.isShownBy([...values, "~".repeat(least), "7".repeat(least)]),
  };
}
