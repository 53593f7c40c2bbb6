import t from "tap";
import { Broker } from "../../../bus/broker/broker.js";
import type { PublisherOptions } from "../../../bus/bus.js";
import { eventsOf } from "../../../bus/event.js";
import type { EventLog } from "../../../bus/log/event-log.js";
import { BusPublisher } from "../../../bus/publisher/bus-publisher.js";
import { FedbusError } from "../../../schemas/errors.js";
import { envelope } from "../batches.js";
import { below, loops, seeded } from "../seed.js";
import { SteeredLog } from "../steered-log.js";
import { settle, until } from "../turns.js";
import { latch, SteeredPort, silence } from "./steered-port.js";

// A silent port alone would let the process end while a publisher waits for it.
const alive = setInterval(() => {}, 1000);
t.teardown(() => clearInterval(alive));

async function setUp(options: PublisherOptions = {}, opening = (): Promise<void> | void => {}) {
  const log = new SteeredLog();
  const broker = await Broker.open(log);
  const port = new SteeredPort(broker);
  port.opening = opening;
  const publisher = new BusPublisher(port, options);
  return { log, broker, port, publisher };
}

/** The bodies of every event in the log. */
async function bodiesIn(log: EventLog): Promise<unknown[]> {
  const bodies: unknown[] = [];
  for (let from = 0; from < log.head; ) {
    const page = await log.read({ from });
    for (const block of page.blocks) bodies.push(...eventsOf(block).map((event) => event.msg));
    from = page.next;
  }
  return bodies;
}

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

t.test("publisher: a batch is full at its bound of events or bytes", async (t) => {
  const { port, publisher } = await setUp({ batchEventsMax: 3 });
  const one = envelope("a.b", 1);
  await publisher.publishEnvelopes(Array(7).fill(one));
  t.same(port.batches, [3, 3, 1]);
  await publisher.close();
  const small = await setUp({ batchBytesMax: one.length * 2 });
  await small.publisher.publishEnvelopes(Array(5).fill(one));
  t.same(small.port.batches, [2, 2, 1], "two and their commas reach the bound");
  await small.publisher.close();
});

t.test("publisher: the window holds its bound of batches", async (t) => {
  for (const windowBatchesMax of [1, 3, 32]) {
    const { port, publisher } = await setUp({ windowBatchesMax, batchEventsMax: 1 });
    await publisher.publishMany(Array.from({ length: 100 }, (_, msg) => ({ topic: "a", msg })));
    t.equal(port.inFlightMost, windowBatchesMax);
    await publisher.close();
  }
});

t.test("publisher: QUEUE_FULL comes at the bound and not one byte below it", async (t) => {
  const one = envelope("a.b", 1);
  const bytes = one.length + 1;
  for (const [queueBytesMax, fits] of [
    [bytes + 1, true],
    [bytes, false],
  ] as const) {
    const held = latch();
    const { publisher } = await setUp({ queueBytesMax }, () => held.opened);
    const first = publisher.publishEnvelopes([one]);
    const second = publisher.publishEnvelopes([one]);
    const third = publisher.publish("a.b", 1);
    if (!fits) await t.rejects(second, { code: "QUEUE_FULL" });
    await t.rejects(third, { code: "QUEUE_FULL" });
    let ready = false;
    const waiting = publisher.ready().then(() => {
      ready = true;
    });
    await settle();
    t.equal(ready, false);
    held.open();
    await waiting;
    t.same(await first, [{ offset: 0 }]);
    if (fits) t.same(await second, [{ offset: 1 }]);
    await publisher.publish("a.b", 1);
    await publisher.close();
  }
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

t.test("publisher: what was sent and not answered in time is PUBLISH_UNKNOWN", async (t) => {
  const { log, port, publisher } = await setUp({ timeoutMs: 50 });
  port.after = silence;
  await t.rejects(publisher.publish("a.b", 1), { code: "PUBLISH_UNKNOWN" });
  t.match(await publisher.publishMany([{ topic: "a.b", msg: 2 }]), [
    { error: { code: "PUBLISH_UNKNOWN" } },
  ]);
  t.equal(log.head, 2, "it was stored all the same");
  await publisher.close();
});

t.test("publisher: what could not be sent in time is HUB_UNREACHABLE", async (t) => {
  const { log, publisher } = await setUp({ timeoutMs: 50 }, silence);
  await t.rejects(publisher.publish("a.b", 1), { code: "HUB_UNREACHABLE" });
  t.equal(log.head, 0);
  await publisher.drain();
  await publisher.close();
});

t.test("publisher: only what has waited too long is failed", async (t) => {
  const held = latch();
  const { publisher } = await setUp({ timeoutMs: 1500, batchEventsMax: 1 }, () => held.opened);
  let late = false;
  const first = publisher.publish("a.b", 1).catch((error: unknown) => {
    late = true;
    return error;
  });
  await new Promise((resolve) => setTimeout(resolve, 800));
  const second = publisher.publish("a.b", 2);
  await until(() => late);
  held.open();
  t.match(await first, { code: "HUB_UNREACHABLE" });
  t.equal(await second, 0);
  await publisher.close();
});

t.test("publisher: an event is not failed for being behind an older one", async (t) => {
  const { publisher } = await setUp({ timeoutMs: 1200 }, silence);
  const started = performance.now();
  const after = (promise: Promise<unknown>) => promise.catch(() => performance.now() - started);
  const first = after(publisher.publish("a.b", 1));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const second = after(publisher.publish("a.b", 2));
  t.ok(Number(await first) < 2200, "the older one does not wait for it");
  t.ok(Number(await second) >= 2200);
  await publisher.close();
});

t.test("publisher: each event of a call is held against the bound of the queue", async (t) => {
  const one = envelope("a.b", 1);
  const held = latch();
  const { publisher } = await setUp({ queueBytesMax: 3 * (one.length + 1) }, () => held.opened);
  const outcomes = publisher.publishEnvelopes(Array(5).fill(one));
  held.open();
  const full = { error: { code: "QUEUE_FULL" } };
  t.match(await outcomes, [{ offset: 0 }, { offset: 1 }, { offset: 2 }, full, full]);
  const many = Array.from({ length: 5 }, () => ({ topic: "a.b", msg: "x".repeat(200) }));
  t.match(await publisher.publishMany(many), [{ offset: 3 }, full, full, full, full]);
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

t.test("publisher: idling for longer than the timeout fails nothing", async (t) => {
  const { port, publisher } = await setUp({ timeoutMs: 600 });
  await publisher.publish("a.b", 1);
  // The sweep looks four times a second; an event must be on its way when it does.
  await new Promise((resolve) => setTimeout(resolve, 700));
  port.before = () => new Promise((resolve) => setTimeout(resolve, 300));
  t.equal(await publisher.publish("a.b", 2), 1);
  await publisher.close();
});

t.test("publisher: a fenced one rejects everything in flight and all that comes", async (t) => {
  const { log, broker, port, publisher } = await setUp({ producer: "app", windowBatchesMax: 2 });
  await publisher.publish("a.b", "before");
  const held = latch();
  port.before = () => held.opened;
  const pending = [publisher.publish("a.b", 1)];
  await settle();
  pending.push(publisher.publish("a.b", 2));
  await settle();
  pending.push(publisher.publish("a.b", "queued"));
  for (const promise of pending) promise.catch(() => {});
  const twin = new BusPublisher(broker, { producer: "app" });
  await twin.publish("a.b", "twin");
  held.open();
  const fenced = { code: "PRODUCER_FENCED" };
  for (const promise of pending) await t.rejects(promise, fenced);
  await t.rejects(publisher.publish("a.b", 3), fenced);
  t.same(await bodiesIn(log), ["before", "twin"]);
  await t.rejects(publisher.drain(), fenced);
  await publisher.close();
  await twin.close();
});

t.test("publisher: a batch that is answered is not failed as well", async (t) => {
  const { port, publisher } = await setUp({ producer: "app", windowBatchesMax: 2 });
  await publisher.publish("a.b", 0);
  const [answered, resent] = [latch(), latch()];
  // The first attempt's answer is held; the second attempt fails only after it has come.
  const { opens } = port;
  let attempts = 0;
  port.before = async ({ seq }) => {
    if (seq === 2 && port.opens === opens) throw new FedbusError("HUB_UNREACHABLE", "lost");
    if (seq !== 1 || ++attempts === 1) return;
    answered.open();
    await resent.opened;
    throw new FedbusError("PUBLISH_UNKNOWN", "passed", { details: { expected: 3 } });
  };
  port.after = ({ seq }) => (seq === 1 && attempts === 1 ? answered.opened : undefined);
  const first = publisher.publish("a.b", 1);
  await settle();
  const second = publisher.publish("a.b", 2);
  t.equal(await first, 1);
  let drained = false;
  const third = publisher.publish("a.b", "x".repeat(100));
  void publisher.drain().then(() => {
    drained = true;
  });
  resent.open();
  t.equal(await second, 2);
  t.equal(await third, 3);
  await until(() => drained);
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
