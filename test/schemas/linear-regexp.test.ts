import fc from "fast-check";
import { RE2JS } from "re2js";
import t from "tap";
import { linearRegExp } from "../../schemas/linear-regexp.js";
import { isPlainlyLinear } from "../../schemas/plain-pattern.js";
import { assertProperty } from "./property.js";

t.test("linear regexp: leaves only plain patterns to the engine that backtracks", async (t) => {
  for (const plain of ["^[A-Z]{2}$", "^o-\\d+$", "^[a-z_.]+@x\\.org$", "^ab", "^\\w{3,8}-x$"])
    t.equal(isPlainlyLinear(plain), true, plain);
  for (const other of ["a+$", "^a+b+$", "^(a+)+$", "^a|b", "^a*\\d?", "^.+$", "^[^a]+$", "^\\s+"])
    t.equal(isPlainlyLinear(other), false, other);
});

t.test("linear regexp: takes linear time, whatever the engine", async (t) => {
  const text = "a".repeat(250_000);
  const start = performance.now();
  for (const pattern of ["^a+$", "^a*aaaaaaaaaab$", "^(a|aa)+b$", "^[a-z]{1,}-\\d{2}$"])
    linearRegExp(pattern).test(text);
  t.ok(performance.now() - start < 3_000);
});

t.test("linear regexp: refuses what has no linear form", async (t) => {
  for (const pattern of ["(?=a)b", "(a)\\1", "(", "a{5000}", "^[b-a]$", "^a{2,1}$"])
    t.throws(() => linearRegExp(pattern), { code: "SCHEMA_INVALID", details: { pattern } });
});

t.test("linear regexp: matches the same with both engines", async () => {
  const atom = fc.constantFrom("a", "-", "\\d", "\\w", "[a-c]", "[0-9_]", "[\\w-]", "\\.", "é");
  const many = fc.constantFrom("", "", "", "{2}", "+", "*", "?", "{1,2}", "{1,}");
  const parts = fc.array(
    fc.tuple(atom, many).map((pair) => pair.join("")),
    { maxLength: 4 },
  );
  const patterns = fc
    .tuple(parts, fc.constantFrom("", "$"))
    .map(([ps, end]) => `^${ps.join("")}${end}`);
  const texts = fc.array(fc.constantFrom(..."ab-.0_é😀\n".split("")), { maxLength: 6 });
  assertProperty(
    fc.property(patterns, texts, (pattern, letters) => {
      const text = letters.join("");
      const expected = RE2JS.compile(RE2JS.translateRegExp(pattern)).test(text);
      return linearRegExp(pattern).test(text) === expected;
    }),
    3_000,
  );
});
