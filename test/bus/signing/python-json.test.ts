import { execFileSync, spawnSync } from "node:child_process";
import fc from "fast-check";
import t from "tap";
import { pythonJson } from "../../../bus/signing/python-json.js";
import { realPath, skipWithoutData } from "../../real-data.js";
import { assertProperty } from "../../schemas/property.js";
import { signedLines } from "./signed-lines.js";

const skipWithoutPython =
  spawnSync("python3", ["--version"]).status === 0 ? false : "no python3 to compare with";

/** What Python makes of texts, a line each. */
function byPython(texts: readonly string[]): string[] {
  const program = [
    "import sys, json",
    "for line in sys.stdin:",
    "    print(json.dumps(json.loads(json.loads(line)), sort_keys=True, separators=(',', ':')))",
  ].join("\n");
  const input = texts.map((text) => `${JSON.stringify(text)}\n`).join("");
  return execFileSync("python3", ["-c", program], { input, encoding: "utf8" })
    .trimEnd()
    .split("\n");
}

/** Number texts of every shape that JSON allows. */
const numberText = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.bigInt().map(String),
  fc
    .tuple(fc.integer(), fc.nat(999), fc.integer({ min: -330, max: 330 }))
    .map(([whole, fraction, exponent]) => `${whole}.${fraction}e${exponent}`),
  fc.constantFrom(
    "-0",
    "-0.0",
    "0.0",
    "1.0",
    "1e5",
    "1E+5",
    "1e-7",
    "1e16",
    "123456789012345680.0",
  ),
  fc.constantFrom("9999999999999998.0", "0.0001", "0.00001", "5e-324", "1e400", "-1e400"),
);

const anyText: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    numberText,
    fc.constantFrom("true", "false", "null"),
    fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)),
    fc.array(tie("value"), { maxLength: 4 }).map((items) => `[ ${items.join(" , ")}]`),
    fc
      .array(fc.tuple(fc.string({ unit: "binary", maxLength: 3 }), tie("value")), { maxLength: 5 })
      .map((members) => `{${members.map(([k, v]) => `${JSON.stringify(k)}\t:${v}`).join(",\n")}}`),
  ),
})).value;

t.test("canonical JSON: is what Python writes", { skip: skipWithoutPython }, async (t) => {
  const texts: string[] = [];
  assertProperty(
    fc.property(anyText, (text) => {
      texts.push(text);
    }),
    2000,
  );
  t.strictSame(texts.map(pythonJson), byPython(texts));
});

t.test("canonical JSON: keys go by code point, not by UTF-16 unit", async (t) => {
  t.equal(pythonJson('{"😀":1,"\uff5e":2,"a":3}'), '{"a":3,"\\uff5e":2,"\\ud83d\\ude00":1}');
  t.equal(pythonJson('{"ab":1,"a":2,"":3}'), '{"":3,"a":2,"ab":1}');
});

t.test("canonical JSON: integers of any size and floats keep what they say", async (t) => {
  const text = '{"a":1.0,"b":123456789012345678901234567890,"c":1e-07,"d":[100000.0,-0.0]}';
  t.equal(pythonJson(text), text);
});

t.test("canonical JSON: what is no JSON is refused", async (t) => {
  const bad = [
    "",
    "{",
    '{"a" 1}',
    "[1,]",
    '{"a":1,}',
    "01",
    "1.",
    "nul",
    '"\n"',
    '"\\x"',
    "1 2",
    "NaN",
  ];
  for (const text of bad) t.throws(() => pythonJson(text), { code: "JSON_INVALID" }, text);
  t.throws(() => pythonJson("[".repeat(10_000)), { code: "JSON_TOO_DEEP" });
});

t.test(
  "canonical JSON: real messages come out as they went in",
  { skip: skipWithoutData },
  async (t) => {
    const lines = await signedLines(realPath("signed-wire.ndjson"));
    t.equal(lines.length, 173);
    for (const line of lines) if (pythonJson(line) !== line) t.fail(line.slice(0, 200));
  },
);
