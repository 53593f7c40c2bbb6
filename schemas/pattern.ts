import { FedbusError } from "./errors.js";
import { faultInTopic, shown, topicLimits } from "./topic.js";

/** What a set of patterns may hold at most. */
export const patternLimits = {
  /** Patterns in one set. */
  patternsMax: 1_000,
} as const;

const grammar = /^(?:(?:[\w\-/:@+~=%]+|\*)\.){0,31}(?:[\w\-/:@+~=%]+|\*|#)$/;

/**
 * Throws PATTERN_INVALID unless `pattern` is one: a topic whose segments may also be `*`, which is
 * exactly one segment, and whose last may be `#`, which is any number of segments, none included.
 */
export function checkPattern(pattern: string): void {
  if (
    typeof pattern === "string" &&
    pattern.length <= topicLimits.topicBytesMax &&
    grammar.test(pattern)
  )
    return;
  const { problem, position } = faultInTopic(pattern, isWildcard);
  throw new FedbusError("PATTERN_INVALID", `the pattern ${problem}`, {
    details: {
      pattern: shown(pattern),
      problem,
      ...(position === undefined ? {} : { position }),
    },
  });
}

function isWildcard(segment: string, index: number, count: number): boolean {
  return segment === "*" || (segment === "#" && index === count - 1);
}

/**
 * The segments of a checked pattern. `*.#` comes back as `#`: a topic has at least one segment, so
 * they match the same.
 */
export function segmentsOf(pattern: string): string[] {
  return pattern === "*.#" ? ["#"] : pattern.split(".");
}

/** Whether `a` matches every topic that `b` matches. Both must be checked patterns. */
export function subsumes(a: string, b: string): boolean {
  return subsumesSegments(segmentsOf(a), segmentsOf(b));
}

function subsumesSegments(a: readonly string[], b: readonly string[]): boolean {
  for (let index = 0; ; index++) {
    const left = a[index];
    const right = b[index];
    if (left === "#") return true;
    if (left === undefined || right === undefined) return left === right;
    if (right === "#" || (left !== "*" && left !== right)) return false;
  }
}

/** Whether some topic matches both `a` and `b`. Both must be checked patterns. */
export function patternsIntersect(a: string, b: string): boolean {
  const lefts = segmentsOf(a);
  const rights = segmentsOf(b);
  for (let index = 0; ; index++) {
    const left = lefts[index];
    const right = rights[index];
    if (left === "#" || right === "#") return true;
    if (left === undefined || right === undefined) return left === right;
    if (left !== "*" && right !== "*" && left !== right) return false;
  }
}

/**
 * Orders patterns, the most specific first: segment by segment a literal comes before `*`, that
 * before the end, and that before `#`. Patterns that no topic tells apart are ordered as strings.
 */
export function compareSpecificity(a: string, b: string): number {
  const lefts = segmentsOf(a);
  const rights = segmentsOf(b);
  const count = Math.max(lefts.length, rights.length);
  for (let index = 0; index < count; index++) {
    const difference = rank(lefts[index]) - rank(rights[index]);
    if (difference !== 0) return difference;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

function rank(segment: string | undefined): number {
  if (segment === undefined) return 2;
  return segment === "*" ? 1 : segment === "#" ? 3 : 0;
}

/**
 * The one way to write a set of patterns: checked, none twice, none that another subsumes, sorted by
 * code unit. No patterns at all means every topic, `#`. Throws PATTERN_INVALID.
 */
export function canonicalPatterns(patterns: readonly string[]): string[] {
  const { patternsMax } = patternLimits;
  if (patterns.length > patternsMax)
    throw new FedbusError("PATTERN_INVALID", `a set of more than ${patternsMax} patterns`, {
      details: { count: patterns.length, patternsMax },
    });
  for (const pattern of patterns) checkPattern(pattern);
  const distinct = [...new Set(patterns.map((pattern) => segmentsOf(pattern).join(".")))];
  if (distinct.length === 0 || distinct.includes("#")) return ["#"];
  const split = distinct.map((pattern) => pattern.split("."));
  return distinct
    .filter((_, at) => !split.some((other, by) => by !== at && subsumesSegments(other, split[at]!)))
    .sort();
}
