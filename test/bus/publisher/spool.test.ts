import { join } from "node:path";
import t from "tap";
import { Block } from "../../../bus/block/block.js";
import { Broker } from "../../../bus/broker/broker.js";
import { connect } from "../../../bus/client/connect.js";
import { eventsOf } from "../../../bus/event.js";
import { Hub } from "../../../bus/hub/hub.js";
import { MemoryLog } from "../../../bus/log/memory-log.js";
import { openBus } from "../../../bus/open-bus.js";
import { Batch } from "../../../bus/publisher/batch.js";
import { BusPublisher } from "../../../bus/publisher/bus-publisher.js";
import { Spool } from "../../../bus/publisher/spool.js";
import { FedbusError } from "../../../schemas/errors.js";
import { batchOf } from "../batches.js";
import { Child } from "../child.js";
import { numbersIn, tally } from "../oracle.js";
import { below, loops, seeded } from "../seed.js";
import { SteeredLog } from "../steered-log.js";
import { until } from "../turns.js";
import { latch, SteeredPort } from "./steered-port.js";

t.test("spool: a publisher's next process sends what the last one left", async (t) => {
  const spool = t.testdir();
  const log = new SteeredLog();
  const broker = await Broker.open(log);
  const lost = new SteeredPort(broker);
  const held = latch();
  lost.after = () => held.opened;
  lost.before = (batch) => (batch.seq > 0 ? held.opened : undefined);
  const options = { producer: "app", spool, batchEventsMax: 2 };
  const before = new BusPublisher(lost, options);
  const answers = Array.from({ length: 6 }, (_, n) => before.publish("a.b", { n }));
  for (const answer of answers) answer.catch(() => {});
  await until(() => lost.batches.length === 3);
  await before.close();
  for (const answer of answers) await t.rejects(answer, { code: "PUBLISH_UNKNOWN" });
  await t.rejects(before.publish("a.b", 7), { code: "CLOSED" });
  t.equal(log.head, 2, "one batch was stored, and nobody was told");
  await using after = new BusPublisher(broker, options);
  t.equal(await after.publish("a.b", { n: 6 }), 6);
  const { blocks } = await log.read({ from: 0 });
  const numbers = blocks.flatMap(eventsOf).map((event) => (event.msg as { n: number }).n);
  t.same(numbers, [0, 1, 2, 3, 4, 5, 6]);
  await after.drain();
  held.open();
});

t.test("spool: the window's bound holds while batches are written", async (t) => {
  const port = new SteeredPort(await Broker.open(new SteeredLog()));
  const held = latch();
  port.before = () => held.opened;
  const options = { producer: "app", spool: t.testdir(), batchEventsMax: 1, windowBatchesMax: 3 };
  await using publisher = new BusPublisher(port, options);
  const events = Array.from({ length: 50 }, (_, msg) => ({ topic: "a.b", msg }));
  const outcomes = publisher.publishMany(events);
  await until(() => port.inFlight === 3);
  t.equal(port.inFlightMost, 3);
  held.open();
  t.same(
    await outcomes,
    events.map((_, offset) => ({ offset })),
  );
  t.equal(port.inFlightMost, 3);
});

t.test("spool: drain waits for what the last process left, too", async (t) => {
  const spool = t.testdir();
  const log = new SteeredLog();
  const broker = await Broker.open(log);
  const before = await Spool.open(spool);
  await before.put([Batch.spooled(0, 1, batchOf(1))]);
  await before.close();
  await using after = new BusPublisher(broker, { producer: "app", spool });
  await after.drain();
  t.equal(log.head, 1);
});

t.test("spool: what is published while no hub is there survives the publisher", async (t) => {
  const spool = t.testdir();
  const away = await connect("tcp://127.0.0.1:1", { lazy: true });
  const publisher = away.publisher({ producer: "app", spool, batchEventsMax: 10 });
  const waiting = Array.from({ length: 300 }, (_, n) => publisher.publish("a.b", { n }));
  await publisher.spooled();
  const numbers = waiting.map((_, n) => n);
  const rejected = Promise.all(
    waiting.map((answer) => t.rejects(answer, { code: "PUBLISH_UNKNOWN" })),
  );
  await away.close();
  await rejected;
  t.same(await spooledIn(spool), numbers);

  const bus = await openBus();
  await bus.publisher({ producer: "app", spool }).close();
  t.same([...(await numbersIn(bus)).keys()], numbers, "the next publisher sends it");
  await bus.close();
});

t.test("spool: another spool of the same producer numbers its events apart", async (t) => {
  const dir = t.testdir();
  const bus = await openBus();
  for (const name of ["one", "two", "one"]) {
    const spool = join(dir, name);
    const publisher = bus.publisher({ producer: "app", spool });
    await publisher.publish("a.b", { n: 0 });
    await publisher.close();
  }
  t.equal((await bus.stats()).head, 3);
  await bus.close();
});

t.test("spool: two publishers cannot share one", async (t) => {
  const spool = t.testdir();
  const broker = await Broker.open(new SteeredLog());
  await using first = new BusPublisher(broker, { producer: "one", spool });
  await first.publish("a.b", 1);
  await using second = new BusPublisher(broker, { producer: "two", spool });
  await t.rejects(second.publish("a.b", 1), { code: "SPOOL_IN_USE" });
  t.equal(await first.publish("a.b", 2), 1);
});

t.test("spool: what the hub does not refuse for good stays, and is sent again", async (t) => {
  const faults = ["LOG_CORRUPT", "LOG_FENCED", "INTERNAL", "PUBLISH_UNKNOWN"] as const;
  for (const code of faults) {
    const spool = t.testdir();
    const port = new SteeredPort(await Broker.open(new SteeredLog()));
    let failures = 0;
    port.before = () => {
      if (failures++ < 2) throw new FedbusError(code, "the hub's log has stopped");
    };
    const publisher = new BusPublisher(port, { producer: "app", spool });
    t.equal(await publisher.publish("a.b", { n: 1 }), 0, code);
    t.equal(failures, 3);
    await publisher.close();
    t.same(await spooledIn(spool), []);
  }
});

t.test("spool: a fatal failure leaves everything in it", async (t) => {
  const spool = t.testdir();
  const port = new SteeredPort(await Broker.open(new SteeredLog()));
  port.before = () => {
    throw new FedbusError("PROTOCOL_INVALID", "not a hub");
  };
  const publisher = new BusPublisher(port, { producer: "app", spool });
  await t.rejects(publisher.publish("a.b", { n: 1 }));
  await publisher.close();
  t.same(await spooledIn(spool), [1]);
});

t.test("spool: what the hub refuses or has passed leaves it", async (t) => {
  for (const [code, details] of [
    ["BLOCK_INVALID", {}],
    ["PUBLISH_UNKNOWN", { expected: 1, got: 0 }],
  ] as const) {
    const spool = t.testdir();
    const port = new SteeredPort(await Broker.open(new SteeredLog()));
    port.before = ({ seq }) => {
      if (seq === 0) throw new FedbusError(code, "never", { details });
    };
    const publisher = new BusPublisher(port, { producer: "app", spool });
    await t.rejects(publisher.publish("a.b", { n: 1 }), { code });
    t.equal(await publisher.publish("a.b", { n: 2 }), 0, "the publisher goes on");
    await publisher.close();
    t.same(await spooledIn(spool), []);
  }
});

/** The numbers of the events that a dead publisher left in its spool. */
async function spooledIn(dir: string): Promise<number[]> {
  const spool = await Spool.open(dir);
  await spool.close();
  return spool.left.flatMap(({ block }) =>
    (Block.decode(block).parse() as { msg: { n: number } }[]).map((event) => event.msg.n),
  );
}

t.test(
  "spool: a publisher killed in mid-batch and started again loses and doubles nothing",
  async (t) => {
    const random = seeded(t);
    const spool = t.testdir();
    const log = new MemoryLog();
    const hub = await Hub.open(log, { listen: "tcp://127.0.0.1:0" });
    const bus = await connect(hub.url);
    const acked = new Map<number, number>();
    const spooled = new Set<number>();
    const cycles = loops("FEDBUS_SPOOL_CYCLES", 8);
    let leftBehind = 0;
    for (let cycle = 0; cycle <= cycles; cycle++) {
      const waitingMax = cycle === cycles ? 0 : 400;
      const options = { url: hub.url, producer: "app", spool, topic: "a.b", waitingMax };
      const child = await Child.start("publisher-child", { ...options, from: cycle * 1_000_000 });
      if (cycle === cycles) await child.ask("close");
      else {
        const target = log.head + 1 + below(random, 1500);
        await until(() => log.head >= target);
      }
      await child.kill();
      for (const message of child.messages as { kind: string; n: number; offset: number }[])
        if (message.kind === "acked") acked.set(message.n, message.offset);
      const left = await spooledIn(spool);
      leftBehind += left.length;
      for (const n of left) spooled.add(n);
      if (cycle === cycles) t.same(left, [], "at last everything is answered");
    }
    const stored = await numbersIn(bus);
    const { lost, doubled, moved } = tally(stored, acked);
    const missing = [...spooled].filter((n) => !stored.has(n)).length;
    t.comment(
      `${cycles} kills, ${stored.size} events, ${acked.size} acked, ${leftBehind} left in the spool: ` +
        `${lost + missing} lost, ${doubled} doubled`,
    );
    t.same({ lost, doubled, moved, missing }, { lost: 0, doubled: 0, moved: 0, missing: 0 });
    t.ok(leftBehind > 0, "kills came in mid-batch");
    await bus.close();
    await hub.close();
  },
);
