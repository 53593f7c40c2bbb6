import t from "tap";
import { type Bus, checkArchive, openBus } from "../../../bus/index.js";
import type { SchemaDefinition } from "../../../schemas/index.js";

const order = (version: number, schema: SchemaDefinition["schema"]): SchemaDefinition => ({
  name: "order",
  version,
  topics: ["shop.order.*"],
  schema,
});

async function filled(): Promise<Bus> {
  const bus = await openBus();
  await bus.registerSchema(order(1, { type: "object" }));
  await bus.registerSchema({ ...order(1, true), name: "other", topics: ["shop.order.other"] });
  await using publisher = bus.publisher();
  const publish = (topic: string, msg: unknown, headers = {}) =>
    publisher.publish(topic, msg, { headers });
  for (let n = 0; n < 6; n++)
    await publish("shop.order.new", { lines: [{ qty: 1 }, { qty: n % 2 === 0 ? 1 : "1" }] });
  await publish("shop.order.new", {});
  await publish("shop.order.other", {});
  await publish("shop.order.new", {}, { schema: "other" });
  await publish("shop.item", {});
  return bus;
}

t.test("archive: says how many events a version refuses, where and why", async (t) => {
  await using bus = await filled();
  const lines = { type: "array", items: { properties: { qty: { type: "integer" } } } };
  const definition = order(2, { properties: { lines }, required: ["lines"] });
  const report = await checkArchive(bus.source, { definition, listings: await bus.schemas() });
  t.strictSame(report, {
    from: 0,
    to: 12,
    checked: 7,
    refused: 4,
    firstRefused: [3, 5, 7, 8],
    reasons: [
      {
        pointer: "/lines/*/qty",
        keyword: "type",
        expected: "must be integer",
        count: 3,
        offsets: [3, 5, 7],
      },
      { pointer: "", keyword: "required", expected: `must have "lines"`, count: 1, offsets: [8] },
    ],
    damaged: [],
  });
  const rest = { definition, listings: await bus.schemas(), from: 8, to: 9 };
  t.match(await checkArchive(bus.source, rest), { from: 8, to: 9, checked: 1, refused: 1 });
});

t.test("archive: events are brought to the version first, if that is asked", async (t) => {
  await using bus = await filled();
  const schema = {
    properties: { items: { items: { properties: { qty: { type: "integer" } } } } },
    required: ["items"],
  };
  const definition: SchemaDefinition = {
    ...order(2, schema),
    upcast: [
      { rename: "/lines", to: "items" },
      { default: "/items", value: [] },
      { convert: "/items/*/qty", to: "integer" },
    ],
  };
  const listings = await bus.schemas();
  t.match(await checkArchive(bus.source, { definition, listings }), { refused: 7 });
  t.match(await checkArchive(bus.source, { definition, listings, upcast: true }), { refused: 0 });
  const failing = { ...definition, upcast: [{ convert: "/lines", to: "integer" as const }] };
  t.match(await checkArchive(bus.source, { definition: failing, listings, upcast: true }), {
    refused: 7,
    reasons: [{ keyword: "upcast", expected: /cannot become order@2/ }, {}],
  });
  const module = { ...definition, upcast: { module: "order-2" } };
  await t.rejects(checkArchive(bus.source, { definition: module, listings, upcast: true }), {
    code: "UPCASTER_MISSING",
    details: { module: "order-2" },
  });
});

t.test("archive: keeps no more reasons than it may", async (t) => {
  await using bus = await openBus();
  await using publisher = bus.publisher();
  for (let n = 0; n < 120; n++) await publisher.publish("a", { [`p${n}`]: 1 });
  const definition = { ...order(1, { additionalProperties: false }), topics: ["a"] };
  const { reasons, refused } = await checkArchive(bus.source, { definition, listings: [] });
  t.equal(refused, 120);
  t.equal(reasons.length, 101);
  t.match(reasons[0], { count: 20, expected: "fails in other ways" });
});
