import fc from "fast-check";

/** Whether `pattern` matches `topic`: the plainest way to say it. */
export function naiveMatch(pattern: string, topic: string): boolean {
  const match = (patterns: readonly string[], segments: readonly string[]): boolean => {
    const [first, ...rest] = patterns;
    if (first === undefined) return segments.length === 0;
    if (first === "#") return true;
    const [segment, ...others] = segments;
    return segment !== undefined && (first === "*" || first === segment) && match(rest, others);
  };
  return match(pattern.split("."), topic.split("."));
}

const segment = fc.constantFrom("a", "b");

export const anyTopic = fc
  .array(segment, { minLength: 1, maxLength: 4 })
  .map((segments) => segments.join("."));

export const anyPattern = fc
  .tuple(
    fc.array(fc.oneof(segment, fc.constant("*")), { minLength: 0, maxLength: 3 }),
    fc.constantFrom("a", "*", "#"),
  )
  .map(([segments, last]) => [...segments, last].join("."));

/** Every topic of up to five segments from `a`, `b` and one that no pattern names. */
export const allTopics: readonly string[] = (() => {
  const topics: string[] = [];
  let layer = ["a", "b", "z"];
  for (let length = 1; length <= 5; length++) {
    topics.push(...layer);
    layer = layer.flatMap((topic) => ["a", "b", "z"].map((next) => `${topic}.${next}`));
  }
  return topics;
})();
