import fc from "fast-check";
import t from "tap";
import { compareSpecificity } from "../../schemas/pattern.js";
import { PatternMap } from "../../schemas/pattern-map.js";
import { TopicFilter } from "../../schemas/topic-filter.js";
import { anyPattern, anyTopic, naiveMatch } from "./pattern-model.js";
import { assertProperty } from "./property.js";

t.test("pattern map: gives values of matching patterns, the most specific first", async (t) => {
  const map = new PatternMap<number>();
  map.set("#", 1);
  map.set("a.*", 2);
  map.set("a.b", 3);
  map.set("a.b.#", 4);
  t.same(map.matches("a.b"), [3, 4, 2, 1]);
  t.same(map.matches("a.b.c"), [4, 1]);
  t.same(map.matches("x"), [1]);
  t.equal(map.size, 4);
});

t.test("pattern map: replaces, deletes and forgets what it remembered", async (t) => {
  const map = new PatternMap<number>();
  map.set("a.#", 1);
  t.same(map.matches("a"), [1]);
  map.set("a.#", 2);
  t.same(map.matches("a"), [2]);
  t.equal(map.get("a.#"), 2);
  t.equal(map.delete("a.b"), false);
  t.equal(map.delete("a.#"), true);
  t.same(map.matches("a"), []);
  t.equal(map.size, 0);
  t.throws(() => map.set("a.#.b", 1), { code: "PATTERN_INVALID" });
});

t.test("pattern map: stays right past what it remembers", async (t) => {
  const map = new PatternMap<string>();
  map.set("a.*", "one");
  for (let index = 0; index < 20_000; index++) map.matches(`a.t${index}`);
  t.same(map.matches("a.t0"), ["one"]);
  t.same(map.matches("b.t0"), []);
});

t.test("pattern map: agrees with a naive model through sets and deletes", async () => {
  const steps = fc.array(fc.tuple(fc.boolean(), anyPattern, anyTopic), { maxLength: 30 });
  assertProperty(
    fc.property(steps, (commands) => {
      const map = new PatternMap<string>();
      const model = new Set<string>();
      for (const [isSet, written, topic] of commands) {
        const pattern = written === "*.#" ? "#" : written;
        if (isSet) map.set(pattern, pattern);
        else if (map.delete(pattern) !== model.has(pattern)) return false;
        if (isSet) model.add(pattern);
        else model.delete(pattern);
        const expected = [...model]
          .filter((one) => naiveMatch(one, topic))
          .sort(compareSpecificity);
        if (map.size !== model.size || map.matches(topic).join() !== expected.join()) return false;
      }
      return true;
    }),
  );
});

t.test("topic filter: has equal keys for equal sets", async (t) => {
  t.equal(TopicFilter.of(["b", "a.*", "a.b"]).key, "a.*,b");
  t.equal(TopicFilter.of(["a.*", "b", "b"]).key, "a.*,b");
  t.equal(TopicFilter.of().matchesAll, true);
  t.equal(TopicFilter.of("*.#").matchesAll, true);
  t.equal(TopicFilter.of("a.#").matchesAll, false);
  t.throws(() => TopicFilter.of(["a.#.b"]), { code: "PATTERN_INVALID" });
});

t.test("topic filter: agrees with a naive model", async () => {
  assertProperty(
    fc.property(fc.array(anyPattern, { minLength: 1, maxLength: 5 }), anyTopic, (set, topic) => {
      const expected = set.some((pattern) => naiveMatch(pattern, topic));
      const filter = TopicFilter.of(set);
      return filter.test(topic) === expected && filter.test(topic) === expected;
    }),
  );
});
