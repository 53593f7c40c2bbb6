import t from "tap";
import { SchemaRegistry } from "../../schemas/registry.js";
import type { SchemaDefinition } from "../../schemas/schema-definition.js";

const order: SchemaDefinition = {
  name: "order",
  version: 1,
  topics: ["shop.order.*"],
  schema: { type: "object" },
};

t.test("registry: lists what was registered, and counts changes", async (t) => {
  const registry = new SchemaRegistry();
  const listing = registry.register(order);
  t.match(listing, { ...order, draft: "2020-12", digest: /^[\da-f]{64}$/ });
  t.equal(registry.revision, 1);
  t.equal(registry.register({ ...order }), listing);
  t.equal(registry.revision, 1);
  registry.register({ ...order, version: 2, schema: true });
  registry.register({ ...order, name: "item", topics: [] });
  t.same(
    registry.list().map((one) => `${one.name}@${one.version}`),
    ["item@1", "order@1", "order@2"],
  );
  t.equal(registry.get("order")?.version, 2);
  t.equal(registry.get("order", 1), listing);
  t.equal(registry.get("order", 3), undefined);
});

t.test("registry: keeps its own copy of a schema", async (t) => {
  const schema = { type: "object", properties: { a: { type: "number" } } };
  const registry = new SchemaRegistry();
  registry.register({ ...order, schema });
  schema.type = "string";
  t.match(registry.get("order")?.schema, { type: "object" });
});

t.test("registry: has one digest for one schema, in whatever order", async (t) => {
  const registry = new SchemaRegistry();
  registry.register({ ...order, schema: { type: "object", minProperties: 1 } });
  t.doesNotThrow(() =>
    registry.register({ ...order, schema: { minProperties: 1, type: "object" } }),
  );
});

t.test("registry: refuses another content under the same version", async (t) => {
  const registry = new SchemaRegistry();
  registry.register(order);
  t.throws(() => registry.register({ ...order, schema: true }), { code: "SCHEMA_CONFLICT" });
  t.throws(() => registry.register({ ...order, topics: ["a"] }), { code: "SCHEMA_CONFLICT" });
});

t.test("registry: refuses a pattern that another name holds", async (t) => {
  const registry = new SchemaRegistry();
  registry.register(order);
  t.throws(() => registry.register({ ...order, name: "other" }), {
    code: "SCHEMA_CONFLICT",
    details: { pattern: "shop.order.*", boundTo: "order" },
  });
  t.equal(registry.revision, 1);
  registry.register({ ...order, version: 2, topics: ["shop.order.created"] });
  t.doesNotThrow(() => registry.register({ ...order, name: "other" }));
});

t.test("registry: binds the latest version's topics, the most specific first", async (t) => {
  const registry = new SchemaRegistry();
  registry.register({ ...order, topics: ["shop.#"] });
  registry.register({ ...order, name: "created", topics: ["shop.order.created"] });
  t.equal(registry.forTopic("shop.order.created")?.name, "created");
  t.equal(registry.forTopic("shop.x")?.name, "order");
  registry.register({ ...order, version: 3, topics: ["store.#"] });
  t.match(registry.forTopic("store.x"), { name: "order", version: 3 });
  t.equal(registry.forTopic("shop.x"), undefined);
  registry.register({ ...order, version: 2, topics: ["shop.#"] });
  t.equal(
    registry.forTopic("shop.x"),
    undefined,
    "an older version that comes later binds nothing",
  );
});

t.test("registry: never applies to the bus's own topics", async (t) => {
  const registry = new SchemaRegistry();
  registry.register({ ...order, topics: ["#"], schema: false });
  t.equal(registry.forTopic("fedbus.schema.registered"), undefined);
  t.equal(registry.forTopic("a")?.name, "order");
});

t.test("registry: finds schemas by name and by version", async (t) => {
  const registry = new SchemaRegistry();
  registry.register(order);
  registry.register({ ...order, version: 2 });
  t.equal(registry.named("order").version, 2);
  t.equal(registry.named("order@1").version, 1);
  t.throws(() => registry.named("nope"), { code: "SCHEMA_UNKNOWN" });
  for (const ref of ["order@3", "order@", "order@1.5", "order@01", "order@1@2"])
    t.throws(() => registry.named(ref), { code: "SCHEMA_VERSION_UNKNOWN" });
  for (const ref of ["__proto__", "constructor", ""])
    t.throws(() => registry.named(ref), { code: "SCHEMA_UNKNOWN" });
});

t.test("registry: refuses definitions that are none", async (t) => {
  const wrong: readonly unknown[] = [
    null,
    { ...order, name: "a b" },
    { ...order, name: "a@1" },
    { ...order, version: 0 },
    { ...order, version: 1.5 },
    { ...order, topics: "a" },
    { ...order, topics: [1] },
    { ...order, schema: "x" },
    { ...order, schema: [] },
    { ...order, more: 1 },
  ];
  for (const definition of wrong)
    t.throws(() => new SchemaRegistry().register(definition as SchemaDefinition), {
      code: "SCHEMA_INVALID",
    });
  t.throws(() => new SchemaRegistry().register({ ...order, topics: ["a.#.b"] }), {
    code: "PATTERN_INVALID",
  });
});

t.test("registry: holds at its limits, and not one past them", async (t) => {
  const properties = (count: number) => ({
    properties: Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`p${index}`, true]),
    ),
  });
  const limited = (limits: object, schema: SchemaDefinition["schema"]) => () =>
    new SchemaRegistry({ limits }).register({ ...order, schema });
  const past = { code: "SCHEMA_LIMIT" };
  t.doesNotThrow(limited({ propertiesMax: 3 }, properties(3)));
  t.throws(limited({ propertiesMax: 3 }, properties(4)), past);
  t.doesNotThrow(limited({ depthMax: 2 }, { not: { type: "null" } }));
  t.throws(limited({ depthMax: 2 }, { not: { not: { type: "null" } } }), past);
  t.doesNotThrow(limited({ subschemasMax: 2 }, { not: {} }));
  t.throws(limited({ subschemasMax: 2 }, { not: { not: {} } }), past);
  t.doesNotThrow(limited({ schemaBytesMax: 17 }, { type: "object" }));
  t.throws(limited({ schemaBytesMax: 16 }, { type: "object" }), past);
  const registry = new SchemaRegistry({ limits: { versionsMax: 1 } });
  registry.register(order);
  t.throws(() => registry.register({ ...order, version: 2 }), past);
});
