import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import t from "tap";
import { loadConverter } from "../../../schemas/index.js";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const skip = existsSync(`${root}/node_modules/json-schema-to-typescript`)
  ? false
  : "json-schema-to-typescript is not installed";

/** Declarations without comments and strings: what is left is code. */
function codeIn(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|"(?:[^"\\]|\\.)*"/g, "");
}

const code = "unknown; } evil(); {";
const comment = "a*/b*/ evil(); /*";
const hostile = {
  type: { type: "object", properties: { a: { type: "string", tsType: code } } },
  list: { tsType: [code] },
  names: { properties: { a: { enum: ["x"], tsEnumNames: [`y = "x" } evil(); {`] } } },
  referred: { properties: { a: { $ref: "#/default" } }, default: { tsType: code } },
  nested: { allOf: [{ items: { additionalProperties: { tsType: code } } }] },
  description: { description: comment, properties: { a: { description: comment } } },
  pattern: { type: "object", patternProperties: { [comment]: { type: "string" } } },
  limit: { properties: { a: { type: "array", items: {}, minItems: comment } } },
  failure: { $ref: "#/a**//evil();/*" },
};

t.test("types: nothing in a schema becomes code", { skip }, async (t) => {
  const convert = await loadConverter();
  for (const [name, schema] of Object.entries(hostile)) {
    const text = await convert(schema, "Body");
    t.notMatch(codeIn(text), "evil", `${name}: ${text}`);
    t.match(codeIn(text), /^\s*export (type|interface) Body/m, name);
  }
});

t.test("types: a property that is named like a keyword stays", { skip }, async (t) => {
  const schema = { type: "object", properties: { tsType: { type: "number" }, tsEnumNames: true } };
  const text = await (await loadConverter())(schema, "Body");
  t.match(text, /tsType\?: number[\s\S]*tsEnumNames\?: unknown/);
});
