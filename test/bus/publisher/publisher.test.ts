import t from "tap";
import { Broker } from "../../../bus/broker/broker.js";
import type { PublisherOptions } from "../../../bus/bus.js";
import { eventsOf } from "../../../bus/event.js";
import { BusPublisher } from "../../../bus/publisher/bus-publisher.js";
import { FedbusError } from "../../../schemas/errors.js";
import { envelope } from "../batches.js";
import { below, loops, seeded } from "../seed.js";
import { SteeredLog } from "../steered-log.js";
import { settle } from "../turns.js";
import { bodiesIn, setUp } from "./set-up.js";
import { latch, SteeredPort } from "./steered-port.js";

// A silent port alone would let the process end while a publisher waits for it.
const alive = setInterval(() => {}, 1000);
t.teardown(() => clearInterval(alive));

t.test("publisher: a lone event leaves at once, and what waits gathers into batches", async (t) => {
  const { port, publisher } = await setUp({ windowBatchesMax: 1 });
  t.equal(await publisher.publish("a.b", 0), 0);
  const held = latch();
  port.before = () => held.opened;
  const offsets = [publisher.publish("a.b", 1)];
  await settle();
  for (let n = 2; n < 2503; n++) offsets.push(publisher.publish("a.b", n));
  await settle();
  t.same(port.batches, [1, 1], "the window is full");
  held.open();
  t.same(
    await Promise.all(offsets),
    Array.from({ length: 2502 }, (_, at) => at + 1),
  );
  t.same(port.batches, [1, 1, 1000, 1000, 501]);
  await publisher.close();
});

t.test("publisher: counts the bytes of every text exactly, so that it drains", async (t) => {
  const { log, publisher } = await setUp({ batchEventsMax: 7 });
  const bodies = Array.from({ length: 100 }, (_, n) => "ü€😀x".slice(0, n % 6).repeat(n * 20));
  const answers = bodies.map((body) => publisher.publish("a.b", body));
  await publisher.drain();
  await Promise.all(answers);
  t.same(await bodiesIn(log), bodies);
  await publisher.close();
});

t.test("publisher: drain waits for every answer, ready only for room", async (t) => {
  const { port, publisher } = await setUp();
  const held = latch();
  port.after = () => held.opened;
  const published = publisher.publish("a.b", 1);
  await publisher.ready();
  let drained = false;
  const draining = publisher.drain().then(() => {
    drained = true;
  });
  await settle();
  t.equal(drained, false);
  held.open();
  await draining;
  t.equal(await published, 0);
  await publisher.drain();
  await publisher.close();
});

t.test("publisher: close drains, is one promise, and then refuses with CLOSED", async (t) => {
  const { log, publisher } = await setUp();
  const published = [publisher.publish("a.b", 1), publisher.publish("a.b", 2)];
  t.equal(publisher.close(), publisher.close());
  const closed = { code: "CLOSED" };
  await t.rejects(publisher.publish("a.b", 3), closed);
  await publisher.close();
  t.same(await Promise.all(published), [0, 1]);
  await t.rejects(publisher.publish("a.b", 3), closed);
  await t.rejects(publisher.publishMany([]), closed);
  await t.rejects(publisher.publishEnvelopes([]), closed);
  t.equal(log.head, 2);
});

t.test("publisher: leaving an `await using` block drains", async (t) => {
  const log = new SteeredLog();
  const broker = await Broker.open(log);
  const published: Promise<number>[] = [];
  {
    await using publisher = new BusPublisher(broker);
    for (let n = 0; n < 500; n++) published.push(publisher.publish("a.b", n));
  }
  t.equal(log.head, 500);
  t.equal((await Promise.all(published)).at(-1), 499);
});

t.test("publisher: publishMany tells outcomes in order, refused ones in between", async (t) => {
  const { publisher } = await setUp({ batchEventsMax: 4 });
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  const kinds: readonly (readonly [string, unknown, string | undefined])[] = [
    ["a.b", { n: 1 }, undefined],
    ["a..b", 1, "TOPIC_INVALID"],
    ["a.c", [1], undefined],
    ["a.b", cycle, "EVENT_INVALID"],
    ["fedbus.own", 1, "TOPIC_RESERVED"],
    ["a.b", null, undefined],
    ["a.b", undefined, "EVENT_INVALID"],
    ["a.b", "x".repeat(300_000), "EVENT_TOO_LARGE"],
    ["a.b", "x".repeat(2_000_000), "EVENT_TOO_LARGE"],
    ["a.b", "last", undefined],
  ];
  const events = Array.from({ length: 5 }, () => kinds).flat();
  let offset = 0;
  const expected = events.map(([, , code]) =>
    code === undefined ? { offset: offset++ } : { error: { code } },
  );
  const outcomes = await publisher.publishMany(events.map(([topic, msg]) => ({ topic, msg })));
  t.match(outcomes, expected);
  t.equal(outcomes.length, expected.length);
  t.comment(`${offset} accepted and ${events.length - offset} refused, in the order of the call`);
  t.same(await publisher.publishMany([]), []);
  for (const [topic, msg, code] of kinds)
    if (code !== undefined) await t.rejects(publisher.publish(topic, msg), { code });
  t.equal(await publisher.publish("a.b", 1), offset, "the publisher goes on");
  await publisher.close();
});

t.test("publisher: publishEnvelopes keeps every byte", async (t) => {
  const { log, publisher } = await setUp();
  const odd = [
    '{"topic":"a.b","msg":1}',
    '{ "msg" : [ 1.0, 1e2 , "\\u00fc\\/" ],\n\t"topic":"a.b" , "extra":{"z":1,"a":2} }',
    Buffer.from('{"topic":"a.b","msg":"grüße, 日本 😀"}'),
    new Uint8Array(Buffer.from('{"topic":"a.c","msg":"\\ud83d\\ude00"}')),
    '{"topic":"a.b","msg":"grüße"}',
  ];
  const outcomes = await publisher.publishEnvelopes([odd[0]!, "", ...odd.slice(1), "{"]);
  const refused = { error: { code: "JSON_INVALID" } };
  t.match(outcomes, [
    { offset: 0 },
    refused,
    ...[1, 2, 3, 4].map((offset) => ({ offset })),
    refused,
  ]);
  const { blocks } = await log.read({ from: 0 });
  const bytes = blocks.flatMap(eventsOf).map((event) => event.bytes);
  t.same(
    bytes.map((event) => event.toString("hex")),
    odd.map((event) => Buffer.from(event as string).toString("hex")),
  );
  await publisher.close();
});

t.test("publisher: what is no event at all is refused, and its neighbours are not", async (t) => {
  const { publisher } = await setUp();
  const invalid = { error: { code: "EVENT_INVALID" } };
  const odd = [null, undefined, 7].map((event) => event as never);
  const good = { topic: "a.b", msg: 1 };
  t.match(await publisher.publishMany([good, odd[0]!, odd[1]!, good]), [
    { offset: 0 },
    invalid,
    invalid,
    { offset: 1 },
  ]);
  const envelopes = [envelope("a.b", 1), ...odd, [1, 2] as never, envelope("a.b", 2)];
  t.match(await publisher.publishEnvelopes(envelopes), [
    { offset: 2 },
    ...Array(4).fill(invalid),
    { offset: 3 },
  ]);
  await publisher.close();
});

t.test("publisher: whatever breaks, each event is stored once and in order", async (t) => {
  const random = seeded(t);
  const { log, port, publisher } = await setUp({ batchEventsMax: 7, windowBatchesMax: 4 });
  let lostBefore = 0;
  let lostAfter = 0;
  const lose = (): never => {
    throw new FedbusError("HUB_UNREACHABLE", "lost");
  };
  port.before = async () => {
    for (let turns = below(random, 3); turns > 0; turns--) await settle(1);
    if (random() < 0.05) {
      lostBefore++;
      lose();
    }
    if (random() < 0.01) log.failNext(new FedbusError("LOG_WRITE_FAILED", "no"));
  };
  port.after = () => {
    if (random() < 0.05) {
      lostAfter++;
      lose();
    }
  };
  const total = loops("FEDBUS_EVENTS", 1000);
  const offsets: Promise<number>[] = [];
  for (let n = 0; n < total; n++) {
    offsets.push(publisher.publish("a.b", n));
    if (random() < 0.1) await settle(1);
  }
  t.same(
    await Promise.all(offsets),
    Array.from({ length: total }, (_, n) => n),
  );
  t.same(
    await bodiesIn(log),
    Array.from({ length: total }, (_, n) => n),
  );
  t.comment(
    `${total} events, ${lostBefore} requests and ${lostAfter} answers lost, ${port.opens} opens`,
  );
  t.ok(lostBefore > 0 && lostAfter > 0);
  await publisher.close();
});

t.test("publisher: options outside their bounds are refused, all problems at once", async (t) => {
  const port = new SteeredPort(await Broker.open(new SteeredLog()));
  const wrong: readonly (readonly [object, readonly string[]])[] = [
    [{ batchEventsMax: 0 }, ["batchEventsMax"]],
    [{ batchEventsMax: 10_001 }, ["batchEventsMax"]],
    [{ windowBatchesMax: 33 }, ["windowBatchesMax"]],
    [{ windowBatchesMax: 1.5 }, ["windowBatchesMax"]],
    [{ queueBytesMax: 0, timeoutMs: -1 }, ["queueBytesMax", "timeoutMs"]],
    [{ producer: 7 }, ["producer"]],
    [{ spool: "dir" }, ["spool"]],
    [{ batchSize: 5, username: 1 }, ["username", "batchSize"]],
  ];
  for (const [options, names] of wrong) {
    const made = () => new BusPublisher(port, options as PublisherOptions);
    t.throws(made, { code: "OPTIONS_INVALID" }, JSON.stringify(options));
    try {
      made();
    } catch (error) {
      const { problems } = (error as FedbusError).details as { problems: string[] };
      t.same(
        problems.map((problem) => problem.split(" ")[0]),
        names,
      );
    }
  }
  for (const options of [{ batchEventsMax: 10_000, windowBatchesMax: 32 }, { batchEventsMax: 1 }])
    await new BusPublisher(port, options).close();
});

t.test("publisher: fields for every envelope are in every envelope", async (t) => {
  const fields = { username: "ann", sourceName: "till", sourceVersion: "1.2" };
  const { log, publisher } = await setUp(fields);
  await publisher.publish("a.b", 1, { headers: { trace: "x" } });
  await publisher.publish("a.b", 2);
  const [first, second] = (await log.read({ from: 0 })).blocks.flatMap(eventsOf);
  const common = { username: "ann", source_name: "till", source_version: "1.2", topic: "a.b" };
  t.match(first?.envelope, { ...common, i: 1, msg: 1, headers: { trace: "x" } });
  t.match(second?.envelope, { ...common, i: 2, msg: 2 });
  t.not(first?.envelope.msg_id, second?.envelope.msg_id);
  const wrong = { headers: [] as never };
  await t.rejects(publisher.publish("a.b", 1, wrong), { code: "EVENT_INVALID" });
  await publisher.close();
});
