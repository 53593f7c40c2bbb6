import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import t from "tap";
import { readSchemaFolder } from "../../schemas/folder.js";
import { SchemaRegistry } from "../../schemas/registry.js";
import type { JsonSchema } from "../../schemas/schema-definition.js";
import { realLines, realPath, skipWithoutData } from "../real-data.js";

function problem(schema: JsonSchema, body: unknown) {
  const registry = new SchemaRegistry();
  registry.register({ name: "s", version: 1, topics: [], schema });
  return registry.named("s").validate(body);
}

t.test("schemas: follow the draft that they name", async (t) => {
  const $schema = (name: string) => `http://json-schema.org/${name}/schema#`;
  const exclusive04 = { $schema: $schema("draft-04"), minimum: 0, exclusiveMinimum: true };
  t.match(problem(exclusive04, 0), { keyword: "minimum" });
  const tuple07 = { $schema: $schema("draft-07"), items: [{ type: "number" }] };
  t.match(problem(tuple07, ["x"]), { pointer: "/0", keyword: "type" });
  const tuple09 = { ...tuple07, $schema: "https://json-schema.org/draft/2019-09/schema" };
  t.match(problem(tuple09, ["x"]), { pointer: "/0" });
  t.match(problem({ prefixItems: [{ type: "number" }] }, ["x"]), { pointer: "/0" });
  t.throws(() => problem({ $schema: $schema("draft-03") }, 1), { code: "SCHEMA_INVALID" });
  t.throws(() => problem({ $schema: 1 }, 1), { code: "SCHEMA_INVALID" });
});

t.test("schemas: say what they expected", async (t) => {
  t.match(problem({ required: ["a"] }, {}), { pointer: "", expected: 'must have "a"' });
  t.match(problem({ enum: [1, "x"] }, 2), { expected: 'must be one of 1, "x"' });
  t.match(problem({ const: "x" }, 2), { expected: 'must be "x"' });
  const closed = { properties: { a: true }, additionalProperties: false };
  t.match(problem(closed, { a: 1, "b/c": 1 }), { pointer: "/b~1c" });
  t.match(problem(false, 1), { keyword: "false schema" });
  t.match(problem({ enum: ["x".repeat(1_000)] }, 1)?.expected.length, 200 + 18);
});

t.test("schemas: look only at what an object has itself", async (t) => {
  t.match(problem({ required: ["toString"] }, {}), { keyword: "required" });
});

t.test("schemas: change nothing in the body", async (t) => {
  const body = { a: "1" };
  t.match(problem({ properties: { a: { type: "number" }, b: { default: 1 } } }, body), {
    pointer: "/a",
  });
  t.same(body, { a: "1" });
});

t.test("schemas: know formats, and take unknown ones as remarks", async (t) => {
  t.match(problem({ format: "date-time" }, "x"), { keyword: "format" });
  t.equal(problem({ format: "no-such" }, "x"), undefined);
  t.equal(problem({ "x-mark": 1, example: 2 }, "x"), undefined);
});

t.test("schemas: find equal items in linear time", async (t) => {
  t.match(
    problem({ uniqueItems: true }, [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ]),
    {
      keyword: "uniqueItems",
    },
  );
  t.equal(problem({ uniqueItems: true }, [1, "1", [1], { a: 1 }, null]), undefined);
  t.equal(problem({ uniqueItems: false }, [1, 1]), undefined);
  const items = Array.from({ length: 30_000 }, (_, index) => ({ index }));
  const start = performance.now();
  t.equal(problem({ uniqueItems: true }, items), undefined);
  t.ok(performance.now() - start < 1_000);
});

t.test("schemas: match patterns in linear time, or not at all", async (t) => {
  const start = performance.now();
  t.match(problem({ pattern: "^(a+)+$" }, `${"a".repeat(5_000)}b`), { keyword: "pattern" });
  t.match(
    problem(
      { patternProperties: { "^(b|bb)+$": false } },
      { bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb: 1 },
    ),
    { pointer: /./ },
  );
  t.ok(performance.now() - start < 1_000);
  for (const pattern of ["(?=a)b", "(a)\\1", "(", "a{5000}"])
    t.throws(() => problem({ properties: { x: { pattern } } }, 1), { code: "SCHEMA_INVALID" });
});

t.test("schemas: tell apart patterns that differ", async (t) => {
  const schema = { properties: { a: { pattern: "^x" }, b: { pattern: "^y" } } };
  t.equal(problem(schema, { a: "x", b: "y" }), undefined);
  t.match(problem(schema, { a: "x", b: "x" }), { pointer: "/b" });
});

t.test("schemas: are refused when they cannot be used", async (t) => {
  const wrong: readonly JsonSchema[] = [
    { type: "nope" },
    { $ref: "http://example.org/other.json" },
    { $ref: "#/definitions/none" },
    { $ref: "other.json#/x" },
    { properties: { a: { minimum: { $data: "1/b" } } } },
    { $async: true },
    { properties: [] },
  ];
  for (const schema of wrong)
    t.throws(() => problem(schema, 1), { code: "SCHEMA_INVALID" }, JSON.stringify(schema));
});

t.test("schemas: do not run away when they refer to themselves", async (t) => {
  t.throws(() => problem({ $ref: "#" }, 1), { code: "SCHEMA_INVALID" });
  t.throws(() => problem({ allOf: [{ $ref: "#" }] }, 1), { code: "SCHEMA_INVALID" });
  const ifA = { type: "object", required: ["a"] };
  // biome-ignore lint/suspicious/noThenProperty: it is a keyword of JSON Schema.
  const onDemand = { if: ifA, then: { allOf: [{ $ref: "#" }] } };
  t.match(problem(onDemand, { a: 1 }), { keyword: "$ref" });
  const tree = { properties: { children: { items: { $ref: "#" } }, n: { type: "number" } } };
  t.match(problem(tree, { children: [{ children: [{ n: "x" }] }] }), {
    pointer: "/children/0/children/0/n",
  });
});

t.test("schemas: with the same $id do not meet", async (t) => {
  const registry = new SchemaRegistry();
  const schema = (type: string) => ({
    $id: "https://example.org/a",
    $ref: "#/$defs/x",
    $defs: { x: { $id: "x", type } },
  });
  registry.register({ name: "a", version: 1, topics: [], schema: schema("string") });
  registry.register({ name: "a", version: 2, topics: [], schema: schema("number") });
  t.equal(registry.named("a@1").validate("x"), undefined);
  t.equal(registry.named("a@2").validate(1), undefined);
  t.match(registry.named("a@2").validate("x"), { keyword: "type" });
});

t.test("schemas: of Fedora's bus all work", { skip: skipWithoutData }, async (t) => {
  const definitions = await readSchemaFolder(realPath("schemas"));
  t.equal(definitions.length, 104);
  const registry = new SchemaRegistry();
  for (const definition of definitions) registry.register(definition);
  t.equal(registry.list().length, 104);
  const manifest = JSON.parse(await readFile(realPath("schemas", "manifest.json"), "utf8")) as {
    schema: string;
    file: string;
  }[];
  let count = 0;
  const wrong: string[] = [];
  for (const { file } of manifest) {
    const stem = basename(file, ".schema.json");
    const [, name = stem, version = "1"] = /^(.+)\.v(\d+)$/.exec(stem) ?? [];
    const { validate } = registry.named(`${name}@${version}`);
    for (const kind of ["valid", "invalid"])
      for (const line of await realLines("schemas", "examples", `${stem}.${kind}.ndjson`)) {
        count++;
        const isValid = validate((line as { body: unknown }).body) === undefined;
        if (isValid !== (kind === "valid")) wrong.push(`${stem} ${kind}`);
      }
  }
  t.same(wrong, []);
  t.equal(count, 471);
});
