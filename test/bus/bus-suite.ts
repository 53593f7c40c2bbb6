import type { Test } from "tap";
import type { Bus } from "../../bus/bus.js";
import type { BusEvent } from "../../bus/event.js";
import { Collector, faultsIn, noFaults } from "./client/collector.js";

/** An empty bus; `t.teardown` closes what it stands on. */
export type OpenSuiteBus = (t: Test) => Promise<Bus>;

async function all(events: AsyncIterable<BusEvent>): Promise<BusEvent[]> {
  const list: BusEvent[] = [];
  for await (const event of events) list.push(event);
  return list;
}

const numbers = (count: number, topic = "shop.order") =>
  Array.from({ length: count }, (_, n) => ({ topic, msg: { n } }));

/** What every bus does, wherever its log is. */
export function busSuite(t: Test, open: OpenSuiteBus): void {
  t.test("bus: what is published is stored, queried and followed", async (t) => {
    await using bus = await open(t);
    const live = new Collector(bus, "shop.*");
    await live.subscription.whenCaughtUp();
    await using publisher = bus.publisher({ username: "ann" });
    t.equal(await publisher.publish("shop.order", { id: 1 }), 0);
    t.equal(await publisher.publish("stock.item", { id: 2 }), 1);
    t.equal(await publisher.publish("shop.return", { id: 3 }), 2);
    await live.reached(3);
    t.match(live.events, [
      { offset: 0, topic: "shop.order", msg: { id: 1 }, envelope: { username: "ann" } },
      { offset: 2, topic: "shop.return", msg: { id: 3 } },
    ]);
    t.equal(live.events.length, 2);
    t.same(
      (await all(bus.query())).map((event) => event.offset),
      [0, 1, 2],
    );
    await live.close();
  });

  t.test("bus: queries take patterns, offsets, times, order, a filter and a limit", async (t) => {
    await using bus = await open(t);
    await using publisher = bus.publisher({ batchEventsMax: 7 });
    for (let round = 0; round < 10; round++) {
      await publisher.publishMany(numbers(5, "shop.order"));
      await publisher.publishMany(numbers(5, "shop.return"));
    }
    const offsets = async (options: object) =>
      (await all(bus.query(options))).map((event) => event.offset);
    const every = Array.from({ length: 100 }, (_, offset) => offset);
    t.same(await offsets({}), every);
    t.same(await offsets({ order: "desc" }), every.toReversed());
    t.same(await offsets({ from: 17, to: 23 }), [17, 18, 19, 20, 21, 22]);
    t.same(await offsets({ from: 17, to: 23, order: "desc", limit: 2 }), [22, 21]);
    t.same(await offsets({ from: 40, limit: 3 }), [40, 41, 42]);
    t.same(await offsets({ to: 1000, from: 99 }), [99]);
    t.same(await offsets({ limit: 0 }), []);
    t.same(await offsets({ patterns: "shop.return", limit: 6 }), [5, 6, 7, 8, 9, 15]);
    t.same(await offsets({ patterns: ["shop.nothing", "no.#"] }), []);
    const where = (event: BusEvent) => (event.msg as { n: number }).n === 4;
    t.same(await offsets({ where, limit: 3 }), [4, 9, 14]);
    t.same(await offsets({ where, order: "desc", limit: 2 }), [99, 94]);
    const [middle] = await all(bus.query({ from: 50, limit: 1 }));
    const since = await offsets({ since: middle!.recordedAt });
    const until = await offsets({ until: middle!.recordedAt });
    t.same([...until, ...since], every, "a time splits the log in two");
    t.same(await offsets({ since: Date.now() + 60_000 }), []);
    const aborted = { signal: AbortSignal.abort(new Error("enough")) };
    await t.rejects(offsets(aborted), { message: "enough" });
    await t.rejects(offsets({ patterns: "a..b" }), { code: "PATTERN_INVALID" });
  });

  t.test("bus: a subscription starts live, earliest, at an offset, or at a time", async (t) => {
    await using bus = await open(t);
    await using publisher = bus.publisher();
    await publisher.publishMany(numbers(50));
    const [at] = await all(bus.query({ from: 20, limit: 1 }));
    const first = await bus.source.offsetAtTime(at!.recordedAt);
    const starts = [
      ["live", 50],
      ["earliest", 0],
      [{ offset: 20 }, 20],
      [{ offset: 20, epoch: at!.epoch }, 20],
      [{ offset: 50, epoch: at!.epoch }, 50],
      [{ time: at!.recordedAt }, first],
    ] as const;
    const collectors = starts.map(([from]) => new Collector(bus, "#", { from }));
    await Promise.all(collectors.map(({ subscription }) => subscription.whenCaughtUp()));
    await publisher.publishMany(numbers(50));
    for (const [place, [from, start]] of starts.entries()) {
      const collector = collectors[place]!;
      await collector.reached(100);
      const wanted = Array.from({ length: 100 - start }, (_, offset) => offset + start);
      t.same(faultsIn(collector.offsets, wanted), noFaults, JSON.stringify(from));
      await collector.close();
    }
    const past = (epoch: object) =>
      new Collector(bus, "#", { from: { offset: 101, ...epoch } }).ended;
    await t.rejects(past({}), { code: "OFFSET_INVALID" });
    await t.rejects(past({ epoch: at!.epoch }), { code: "LOG_DIVERGED" });
    t.throws(() => bus.subscribe("a.#.b"), { code: "PATTERN_INVALID" });
  });

  t.test("bus: a subscription ends with its loop, its signal, or close", async (t) => {
    await using bus = await open(t);
    await using publisher = bus.publisher();
    await publisher.publishMany(numbers(10));
    const left = bus.subscribe("#", { from: "earliest" });
    for await (const event of left) if (event.offset === 3) break;
    const abort = new AbortController();
    const aborted = new Collector(bus, "#", { from: "earliest", signal: abort.signal });
    const closed = new Collector(bus, "#", { from: "earliest" });
    await Promise.all([aborted.reached(10), closed.reached(10)]);
    abort.abort();
    await Promise.all([aborted.ended, closed.close()]);
    t.equal(aborted.events.length, 10);
    const before = new Collector(bus, "#", { signal: AbortSignal.abort() });
    await before.ended;
    const once = bus.subscribe();
    await once.close();
    await all(once);
    await t.rejects(all(once), TypeError, "a subscription can be iterated once");
  });

  t.test("bus: schemas are registered, listed and enforced", async (t) => {
    await using bus = await open(t);
    await using publisher = bus.publisher();
    const schema = { type: "object", required: ["id"], properties: { id: { type: "integer" } } };
    const order = { name: "order", version: 1, topics: ["shop.order"], schema };
    t.equal(await bus.registerSchema(order), 0);
    t.equal(await bus.registerSchema(order), -1);
    await t.rejects(bus.registerSchema({ ...order, schema: true }), { code: "SCHEMA_CONFLICT" });
    t.match(await bus.schemas(), [{ ...order, draft: "2020-12" }]);
    t.equal(await publisher.publish("shop.order", { id: 1 }), 1);
    await t.rejects(publisher.publish("shop.order", { id: "x" }), {
      code: "SCHEMA_VIOLATION",
      details: { pointer: "/id" },
    });
    const [event] = await all(bus.query({ patterns: "fedbus.#" }));
    t.match(event, { offset: 0, topic: "fedbus.schema.registered", msg: order });
  });

  t.test("bus: stats and topics tell what is there, and trim removes it", async (t) => {
    await using bus = await open(t);
    await using publisher = bus.publisher({ batchEventsMax: 10 });
    t.match(await bus.stats(), { first: 0, head: 0, log: { events: 0, topics: 0 } });
    for (let round = 0; round < 10; round++) await publisher.publishMany(numbers(10));
    await publisher.publish("stock.item", 1);
    t.match(await bus.stats(), { first: 0, head: 101, log: { events: 101, topics: 2 } });
    t.match(await bus.source.topics(["stock.#"]), [{ topic: "stock.item", count: 1 }]);
    const { first, removed } = await bus.trim({ before: 50 });
    t.same([first, removed], [50, 50]);
    t.match(await bus.stats(), { first: 50, head: 101, log: { events: 51 } });
    t.same(
      (await all(bus.query({ limit: 1 }))).map((event) => event.offset),
      [50],
    );
    const gone = { code: "LOG_TRUNCATED", details: { first: 50 } };
    await t.rejects(all(bus.query({ from: 10 })), gone);
    await t.rejects(new Collector(bus, "#", { from: { offset: 10 } }).ended, gone);
    const earliest = new Collector(bus, "#", { from: "earliest" });
    await earliest.reached(101);
    t.equal(earliest.offsets[0], 50);
    await earliest.close();
  });

  t.test("bus: close drains publishers, ends subscriptions, and is one promise", async (t) => {
    const bus = await open(t);
    const publisher = bus.publisher();
    const collector = new Collector(bus, "#");
    await collector.subscription.whenCaughtUp();
    const offsets = [publisher.publish("a", 1), publisher.publish("a", 2)];
    t.equal(bus.close(), bus.close());
    t.same(await Promise.all(offsets), [0, 1]);
    await Promise.all([bus.close(), collector.ended]);
    const closed = { code: "CLOSED" };
    await t.rejects(publisher.publish("a", 3), closed);
    t.throws(() => bus.publisher(), closed);
    t.throws(() => bus.subscribe(), closed);
    t.throws(() => bus.query(), closed);
    await t.rejects(bus.stats(), closed);
    await t.rejects(bus.schemas(), closed);
    await t.rejects(bus.trim({}), closed);
  });

  t.test("bus: options that are none leave nothing open behind", async (t) => {
    await using bus = await open(t);
    const options = { batchSize: 1 } as object;
    t.throws(() => bus.publisher(options), { code: "OPTIONS_INVALID" });
    await using publisher = bus.publisher();
    t.equal(await publisher.publish("a", 1), 0);
  });
}
