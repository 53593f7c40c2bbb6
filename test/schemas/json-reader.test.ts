import fc from "fast-check";
import t from "tap";
import { faultInJson } from "../../schemas/json-reader.js";
import { assertProperty } from "./property.js";

t.test("json reader: names the fault, its place and its pointer", async (t) => {
  const cases: readonly (readonly [string, object])[] = [
    ["", { code: "JSON_INVALID", position: 0 }],
    ['{"a":x}', { code: "JSON_INVALID", position: 5 }],
    ['{"a":1', { code: "JSON_INVALID", position: 6 }],
    ['{"a":01}', { code: "JSON_INVALID", position: 6 }],
    ["[1,]", { code: "JSON_INVALID", position: 3 }],
    ['{"a":1,}', { code: "JSON_INVALID", position: 7 }],
    ['"\t"', { code: "JSON_INVALID", position: 1 }],
    ['"\\x"', { code: "JSON_INVALID", position: 1 }],
    ["1 2", { code: "JSON_INVALID", position: 2 }],
    ["\ufeff1", { code: "JSON_INVALID", position: 0 }],
    ['{"a":{"b":1,"b":2}}', { code: "JSON_DUPLICATE_KEY", pointer: "/a/b", key: "b" }],
    ['{"a":1,"\\u0061":2}', { code: "JSON_DUPLICATE_KEY", pointer: "/a", key: "a" }],
    ['[{"__proto__":1}]', { code: "JSON_FORBIDDEN_KEY", pointer: "/0/__proto__" }],
    ['{"\\u005f_proto__":1}', { code: "JSON_FORBIDDEN_KEY", pointer: "/__proto__" }],
    ['{"constructor":{"prototype":1}}', { code: "JSON_FORBIDDEN_KEY" }],
    ['{"a/b":1e400}', { code: "JSON_NUMBER_UNSAFE", pointer: "/a~1b", position: 7 }],
    ["9007199254740993", { code: "JSON_NUMBER_UNSAFE", pointer: "" }],
    ["-9007199254740992", { code: "JSON_NUMBER_UNSAFE" }],
    ["[[[[1]]]]", { code: "JSON_TOO_DEEP", position: 3, pointer: "/0/0/0" }],
    ["[".repeat(1_000_000), { code: "JSON_TOO_DEEP" }],
  ];
  for (const [text, fault] of cases)
    t.match(faultInJson(text, 3), fault, `${text.slice(0, 40)} ${text.length}`);
});

t.test("json reader: lets pass what is sound", async (t) => {
  for (const text of [
    " { } ",
    "[[[1]]]",
    "1e300",
    "-0.5E-2",
    "9007199254740991",
    '"\\ud800"',
    '{"constructor":{"a":1},"prototype":1}',
    '{"a":{"b":1},"b":{"b":1}}',
  ])
    t.equal(faultInJson(text, 3), undefined, text);
});

t.test("json reader: agrees with JSON.parse on what is JSON", async () => {
  const pieces = fc.constantFrom(...'{}[],:" 10-.e\\u', '"a"', '"b":', "true", "null", "12", "\n");
  const texts = fc.oneof(
    fc.json(),
    fc.array(pieces, { maxLength: 8 }).map((parts) => parts.join("")),
  );
  assertProperty(
    fc.property(texts, (text) => {
      const fault = faultInJson(text, 100);
      return (fault?.code === "JSON_INVALID") === !parses(text);
    }),
    2_000,
  );
});

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
