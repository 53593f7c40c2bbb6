import t from "tap";
import { openBus } from "../../../bus/index.js";
import type { SchemaDefinition } from "../../../schemas/index.js";

const first: SchemaDefinition = {
  name: "order",
  version: 1,
  topics: ["order"],
  schema: { type: "object", properties: { total: { type: "number" } } },
};
const next = (more: object): SchemaDefinition => ({ ...first, version: 2, ...more });

t.test("schemas: a version that breaks the promise is refused, in words", async (t) => {
  await using bus = await openBus();
  await bus.registerSchema(first);
  const narrower = { ...(first.schema as object), required: ["total"] };
  await t.rejects(bus.registerSchema(next({ schema: narrower })), {
    code: "SCHEMA_INCOMPATIBLE",
    message: /^order@2 is not backward compatible: \/total: was optional, now required/,
    details: { compatibility: "backward", differences: [{ pointer: "/total", certain: true }] },
  });
  t.equal(await bus.registerSchema(next({ schema: { type: "object" } })), 1);
  const third = { ...first, version: 3, schema: narrower };
  await t.rejects(bus.registerSchema({ ...third, compatibility: "full" }), {
    code: "SCHEMA_INCOMPATIBLE",
  });
  t.equal(await bus.registerSchema({ ...third, compatibility: "forward" }), 2);
  await t.rejects(bus.registerSchema({ ...first, version: 4 }), {
    code: "SCHEMA_INCOMPATIBLE",
    message: /not forward compatible.*the version before refuses events without it/,
  });
  t.equal(await bus.registerSchema({ ...first, version: 4, compatibility: "none" }), 3);
  t.match(await bus.schemas(), [
    { version: 1, since: 0 },
    { version: 2, since: 1 },
    { version: 3, since: 2, compatibility: "forward" },
    { version: 4, since: 3, compatibility: "none" },
  ]);
  await t.rejects(bus.registerSchema({ ...first, version: 5, compatibility: "some" as "full" }), {
    code: "SCHEMA_INVALID",
    details: { pointer: "/compatibility" },
  });
});

t.test("schemas: where two versions do not tell, the archive does", async (t) => {
  await using bus = await openBus();
  const texts = (pattern: string) => ({ type: "string", pattern });
  await bus.registerSchema({ ...first, schema: texts("^q[ab]") });
  await using publisher = bus.publisher();
  await publisher.publish("order", "qb");
  t.equal(await bus.registerSchema(next({ schema: texts("^q(a|b)") })), 2);
  await t.rejects(bus.registerSchema(next({ version: 3, schema: texts("^qa") })), {
    code: "SCHEMA_INCOMPATIBLE",
    message: /it cannot be told whether/,
  });
});

t.test("schemas: an upcaster keeps the promise, if the archive says so", async (t) => {
  await using bus = await openBus();
  await bus.registerSchema(first);
  await using publisher = bus.publisher();
  await publisher.publish("order", {});
  const schema = { type: "object", required: ["sum"] };
  const rename = { rename: "/total", to: "sum" };
  await t.rejects(bus.registerSchema(next({ schema, upcast: [rename] })), {
    code: "SCHEMA_INCOMPATIBLE",
  });
  const upcast = [rename, { default: "/sum", value: 0 }];
  t.equal(await bus.registerSchema(next({ schema, upcast })), 2);
  t.match((await bus.schemas())[1], { upcast, since: 2 });
  await t.rejects(bus.registerSchema(next({ schema, upcast: [rename] })), {
    code: "SCHEMA_CONFLICT",
  });
  const module = { ...first, version: 3, schema: { type: "string" }, upcast: { module: "m" } };
  t.equal(await bus.registerSchema(module), 3, "who registers a module answers for it");
});

t.test("schemas: keep where they came into force when a trim stores them anew", async (t) => {
  await using bus = await openBus();
  await bus.registerSchema(first);
  await using publisher = bus.publisher();
  await publisher.publish("order", {});
  await bus.registerSchema(next({}));
  for (let n = 0; n < 3; n++) await publisher.publish("order", {});
  const { head } = await bus.source.info();
  await bus.trim({ before: head });
  t.ok((await bus.source.info()).first > 2, "the events that registered them are gone");
  t.match(await bus.schemas(), [
    { version: 1, since: 0 },
    { version: 2, since: 2 },
  ]);
});
