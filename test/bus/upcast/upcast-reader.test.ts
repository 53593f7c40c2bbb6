import t from "tap";
import type { Bus, BusEvent } from "../../../bus/index.js";
import { connect, openBus } from "../../../bus/index.js";
import type { SchemaDefinition } from "../../../schemas/index.js";
import { freeUrl } from "../ports.js";

const versions: readonly SchemaDefinition[] = [
  { name: "order", version: 1, topics: ["shop.*"], schema: { required: ["a"] } },
  {
    name: "order",
    version: 2,
    topics: ["shop.*"],
    schema: { required: ["b"] },
    upcast: [{ rename: "/a", to: "b" }],
  },
  {
    name: "order",
    version: 3,
    topics: ["shop.*"],
    schema: { required: ["c"] },
    upcast: [{ rename: "/b", to: "c" }],
  },
];

async function fill(bus: Bus): Promise<void> {
  await using publisher = bus.publisher();
  for (const [index, version] of versions.entries()) {
    await bus.registerSchema(version);
    await publisher.publish("shop.order", { ["abc"[index]!]: index });
  }
  await publisher.publish("stock", { a: 9 });
  await publisher.publish("shop.order", { a: 10 }, { headers: { schema: "order@1" } });
}

async function bodies(events: AsyncIterable<BusEvent>, count: number): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const { msg } of events) if (found.push(msg) === count) break;
  return found;
}

t.test("upcast: a reader gets every event in the version it asks for", async (t) => {
  await using bus = await openBus();
  await fill(bus);
  const patterns = ["shop.*", "stock"];
  const latest = { patterns, schemaVersion: "latest" } as const;
  const all = [{ c: 0 }, { c: 1 }, { c: 2 }, { a: 9 }, { c: 10 }];
  t.same(await bodies(bus.query(latest), 9), all);
  t.same(await bodies(bus.query({ ...latest, order: "desc" }), 9), all.toReversed());
  t.same(await bodies(bus.query({ ...latest, schemaVersion: { order: 2 } }), 9), [
    { b: 0 },
    { b: 1 },
    { c: 2 },
    { a: 9 },
    { b: 10 },
  ]);
  t.same(
    await bodies(bus.query({ patterns }), 1),
    [{ a: 0 }],
    "who does not ask gets what is stored",
  );
  for await (const event of bus.query({ ...latest, limit: 1 }))
    t.match(JSON.parse(String(event.bytes)), { msg: { a: 0 } }, "the bytes stay");
  const subscription = bus.subscribe(patterns, { from: "earliest", schemaVersion: "latest" });
  t.same(await bodies(subscription, 5), all);
  t.throws(() => bus.query({ schemaVersion: "newest" as "latest" }), { code: "OPTIONS_INVALID" });
  t.throws(() => bus.subscribe("#", { schemaVersion: { order: 0 } }), { code: "OPTIONS_INVALID" });
});

t.test("upcast: a live reader learns of versions that come, and tells nobody", async (t) => {
  await using bus = await openBus();
  const [first, second] = versions as [SchemaDefinition, SchemaDefinition];
  await bus.registerSchema(first);
  await using publisher = bus.publisher();
  const subscription = bus.subscribe("shop.#", { from: "earliest", schemaVersion: "latest" });
  const events = subscription[Symbol.asyncIterator]();
  const next = async () => (await events.next()).value as BusEvent;
  await publisher.publish("shop.order", { a: 1 });
  t.same((await next()).msg, { a: 1 });
  await bus.registerSchema(second);
  await publisher.publish("shop.order", { b: 2 });
  await publisher.publish("shop.order", { a: 3 }, { headers: { schema: "order@1" } });
  t.same((await next()).msg, { b: 2 });
  t.same((await next()).msg, { b: 3 });
  await subscription.close();
});

t.test("upcast: modules run with the reader, and what fails is named", async (t) => {
  await using bus = await openBus();
  await bus.registerSchema(versions[0]!);
  await using publisher = bus.publisher();
  const offset = await publisher.publish("shop.order", { a: 1 });
  await bus.registerSchema({ ...versions[1]!, upcast: { module: "two" } });
  const read = (upcasters?: Record<string, (body: unknown) => unknown>) =>
    bodies(
      bus.query({
        patterns: "shop.*",
        schemaVersion: "latest",
        ...(upcasters === undefined ? {} : { upcasters }),
      }),
      1,
    );
  t.same(await read({ two: () => ({ b: 7 }) }), [{ b: 7 }]);
  await t.rejects(read(), { code: "UPCASTER_MISSING", details: { module: "two" } });
  const throwing = {
    two: () => {
      throw new Error("no");
    },
  };
  await t.rejects(read(throwing), { code: "UPCAST_FAILED", details: { offset, version: 2 } });
});

t.test("upcast: goes over a hub too", async (t) => {
  const listen = await freeUrl();
  await using own = await openBus({ listen });
  await fill(own);
  await using bus = await connect(listen);
  const query = bus.query({ patterns: "shop.*", schemaVersion: "latest" });
  t.same(await bodies(query, 4), [{ c: 0 }, { c: 1 }, { c: 2 }, { c: 10 }]);
});
