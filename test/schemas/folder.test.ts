import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { readSchemaFolder } from "../../schemas/folder.js";
import { decodeSchemaEvent, encodeSchemaEvent } from "../../schemas/schema-event.js";

async function write(dir: string, files: Readonly<Record<string, unknown>>): Promise<void> {
  for (const [name, content] of Object.entries(files))
    await writeFile(
      join(dir, name),
      typeof content === "string" ? content : JSON.stringify(content),
    );
}

t.test("schema folder: takes name and version from the file, or from x-fedbus", async (t) => {
  const dir = t.testdir({});
  await write(dir, {
    "order.created.v2.schema.json": { type: "object" },
    "order.created.schema.json": { type: "array" },
    "z.schema.json": { "x-fedbus": { name: "a", version: 3, topics: ["a.*", "b.#"] }, minimum: 1 },
    "y.schema.json": { "x-fedbus": { version: 4 } },
    "b.schema.json": true,
    "README.md": "no schema",
    "other.json": "{",
  });
  t.same(await readSchemaFolder(dir), [
    { name: "a", version: 3, topics: ["a.*", "b.#"], schema: { minimum: 1 } },
    { name: "b", version: 1, topics: ["b"], schema: true },
    { name: "order.created", version: 1, topics: ["order.created"], schema: { type: "array" } },
    { name: "order.created", version: 2, topics: ["order.created"], schema: { type: "object" } },
    { name: "y", version: 4, topics: ["y"], schema: {} },
  ]);
});

t.test("schema folder: names the file that cannot be used", async (t) => {
  const wrong: Readonly<Record<string, unknown>> = {
    "a.schema.json": "{",
    "b.schema.json": [],
    "c d.schema.json": {},
    "e.schema.json": { "x-fedbus": [] },
    "f.schema.json": { "x-fedbus": { version: "1" } },
    "g.schema.json": { "x-fedbus": { nmae: "x" } },
  };
  for (const [name, content] of Object.entries(wrong)) {
    const dir = t.testdir({});
    await write(dir, { [name]: content });
    await t.rejects(readSchemaFolder(dir), { code: "INPUT_INVALID", message: name });
  }
  await t.rejects(readSchemaFolder(join(t.testdir({}), "none")), { code: "INPUT_INVALID" });
});

t.test("schema event: comes back as it went in", async (t) => {
  const definition = { name: "a", version: 1, topics: ["b", "a"], schema: { type: "object" } };
  const body = JSON.parse(JSON.stringify(encodeSchemaEvent(definition))) as object;
  t.same(decodeSchemaEvent({ ...body, later: 1 }), { ...definition, topics: ["a", "b"] });
});

t.test("schema event: is refused in any other shape", async (t) => {
  for (const body of [null, 1, [], {}, { name: "a", version: 1, topics: [] }])
    t.throws(() => decodeSchemaEvent(body), { code: "SCHEMA_INVALID" });
});
