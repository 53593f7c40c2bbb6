import fc from "fast-check";
import t from "tap";
import {
  canonicalPatterns,
  checkPattern,
  compareSpecificity,
  patternLimits,
  patternsIntersect,
  subsumes,
} from "../../schemas/pattern.js";
import { allTopics, anyPattern, naiveMatch } from "./pattern-model.js";
import { assertProperty } from "./property.js";

t.test("patterns: accepts wildcards where they belong", async (t) => {
  for (const pattern of ["#", "*", "a.*", "*.b.#", "a.b", "a.#", "*.*.c"])
    t.doesNotThrow(() => checkPattern(pattern), pattern);
});

t.test("patterns: refuses wildcards elsewhere", async (t) => {
  for (const pattern of ["", "a.#.b", "a*", "#a", "a.**", "a..b", "a b", "a,b", "#.#", ".#"])
    t.throws(() => checkPattern(pattern), { code: "PATTERN_INVALID" }, pattern);
  t.throws(() => checkPattern("a.#.b"), { code: "PATTERN_INVALID", details: { position: 2 } });
});

t.test("patterns: has one canonical form for a set", async (t) => {
  t.same(canonicalPatterns([]), ["#"]);
  t.same(canonicalPatterns(["b", "a", "b"]), ["a", "b"]);
  t.same(canonicalPatterns(["a.b", "a.*", "a.#"]), ["a.#"]);
  t.same(canonicalPatterns(["*.#", "a"]), ["#"]);
  t.same(canonicalPatterns(["a.*", "*.b"]), ["*.b", "a.*"]);
});

t.test("patterns: bounds how many a set may hold", async (t) => {
  const set = Array.from({ length: patternLimits.patternsMax }, (_, index) => `a.t${index}`);
  t.equal(canonicalPatterns(set).length, set.length);
  t.throws(() => canonicalPatterns([...set, "b"]), { code: "PATTERN_INVALID" });
});

t.test("patterns: puts the most specific first", async (t) => {
  const sorted = ["a.b.c", "a.b.*", "a.b", "a.b.#", "a.*.c", "a.#", "*.b", "#"];
  t.same([...sorted].reverse().sort(compareSpecificity), sorted);
});

t.test("patterns: subsumes, intersects and canonicalises as a naive model does", async () => {
  const topicsOf = (pattern: string) => allTopics.filter((topic) => naiveMatch(pattern, topic));
  assertProperty(
    fc.property(anyPattern, anyPattern, (a, b) => {
      const [inA, inB] = [new Set(topicsOf(a)), topicsOf(b)];
      if (subsumes(a, b) !== inB.every((topic) => inA.has(topic))) return false;
      return patternsIntersect(a, b) === inB.some((topic) => inA.has(topic));
    }),
  );
  assertProperty(
    fc.property(fc.array(anyPattern, { minLength: 1, maxLength: 6 }), (patterns) => {
      const canonical = canonicalPatterns(patterns);
      const matches = (set: readonly string[], topic: string) =>
        set.some((pattern) => naiveMatch(pattern, topic));
      const same = allTopics.every(
        (topic) => matches(patterns, topic) === matches(canonical, topic),
      );
      const again = canonicalPatterns([...canonical].reverse());
      return same && again.join() === canonical.join();
    }),
  );
});
