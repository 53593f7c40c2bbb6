import t from "tap";
import type { JsonSchema } from "../../schemas/schema-definition.js";
import { vetSchema } from "../../schemas/vet.js";

const definition = (schema: JsonSchema) => ({ name: "s", version: 1, topics: ["s"], schema });

t.test("vet: passes a schema that can be used", async (t) => {
  await t.resolves(vetSchema(definition({ type: "object", pattern: "^(a+)+$" })));
});

t.test("vet: refuses what the registry would", async (t) => {
  const properties = Object.fromEntries(
    Array.from({ length: 5_000 }, (_, index) => [`p${index}`, { type: "string" }]),
  );
  await t.rejects(vetSchema(definition({ properties })), {
    code: "SCHEMA_LIMIT",
    details: { limit: "propertiesMax" },
  });
  let deep: JsonSchema = {};
  for (let depth = 0; depth < 3_000; depth++) deep = { allOf: [deep] };
  await t.rejects(vetSchema(definition(deep)), { code: "SCHEMA_LIMIT" });
  await t.rejects(vetSchema(definition({ $ref: "http://example.org/x" })), {
    code: "SCHEMA_INVALID",
  });
  await t.rejects(vetSchema(definition({ pattern: "(?=a)" })), { code: "SCHEMA_INVALID" });
  await t.rejects(vetSchema({ ...definition({}), topics: ["#.a"] }), { code: "PATTERN_INVALID" });
});

t.test("vet: ends a schema that takes for ever, and the process goes on meanwhile", async (t) => {
  const $defs: Record<string, JsonSchema> = { a40: { type: "object" } };
  for (let index = 0; index < 40; index++) {
    const next = { $ref: `#/$defs/a${index + 1}` };
    $defs[`a${index}`] = { allOf: [next, next] };
  }
  let ticks = 0;
  const timer = setInterval(() => ticks++, 10);
  await t.rejects(vetSchema(definition({ $defs, $ref: "#/$defs/a0" }), { timeoutMs: 300 }), {
    code: "SCHEMA_LIMIT",
    details: { timeoutMs: 300 },
  });
  clearInterval(timer);
  t.ok(ticks > 10);
});

t.test("vet: ends a schema that takes for ever only on nested bodies", async (t) => {
  const branch = { properties: { a: { $ref: "#" } } };
  const schema = { type: "object", allOf: [branch, branch] };
  await t.rejects(vetSchema(definition(schema), { timeoutMs: 300 }), { code: "SCHEMA_LIMIT" });
  const tree = { properties: { a: { items: { $ref: "#" } }, b: { $ref: "#" } } };
  await t.resolves(vetSchema(definition(tree)));
});

t.test("vet: stops when told to", async (t) => {
  const reason = new Error("enough");
  await t.rejects(vetSchema(definition({}), { signal: AbortSignal.abort(reason) }), reason);
  const controller = new AbortController();
  const vetting = vetSchema(definition({}), { signal: controller.signal });
  controller.abort(reason);
  await t.rejects(vetting, reason);
});
