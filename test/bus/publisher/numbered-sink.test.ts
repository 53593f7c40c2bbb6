import t from "tap";
import { Broker } from "../../../bus/broker/broker.js";
import type { Bus, EventSink, NumberedBatch } from "../../../bus/bus.js";
import { connect } from "../../../bus/client/connect.js";
import { Hub } from "../../../bus/hub/hub.js";
import { answersMax } from "../../../bus/log/event-log.js";
import { MemoryLog } from "../../../bus/log/memory-log.js";
import { openBus } from "../../../bus/open-bus.js";
import { NumberedSink } from "../../../bus/publisher/numbered-sink.js";
import { batchBytesMax } from "../../../bus/wire/limits.js";
import { numbered } from "../batches.js";
import { Child } from "../child.js";
import { numbersIn } from "../oracle.js";
import { freeUrl } from "../ports.js";
import { below, loops, seeded } from "../seed.js";
import { until } from "../turns.js";
import { latch, SteeredPort } from "./steered-port.js";

const producer = "consumer";

/** Batches of random sizes, whose events are `{n}` with n their sequence. */
function outbox(random: () => number, batches: number): NumberedBatch[] {
  const made: NumberedBatch[] = [];
  for (let seq = 0; made.length < batches; seq += made.at(-1)!.count)
    made.push(numbered(seq, 1 + below(random, 20)));
  return made;
}

/** Every number from 0 on once, each where the order of sequences puts it. */
async function isExact(bus: Bus, end: number): Promise<boolean> {
  const stored = await numbersIn(bus);
  return (
    stored.size === end &&
    [...stored].every(([n, offsets], at) => n === at && offsets.length === 1 && offsets[0] === n)
  );
}

/** Opens one on each kind of bus. */
const buses: Record<string, (log: MemoryLog) => Promise<{ bus: Bus; close(): Promise<void> }>> = {
  "in this process": async () => {
    const bus = await openBus();
    return { bus, close: () => bus.close() };
  },
  "behind a hub": async (log) => {
    const hub = await Hub.open(log, { listen: "tcp://127.0.0.1:0" });
    const bus = await connect(hub.url);
    const close = async (): Promise<void> => {
      await bus.close();
      await hub.close();
    };
    return { bus, close };
  },
};

for (const [where, open] of Object.entries(buses)) {
  t.test(
    `sink: what a dead instance had sent is answered, not stored again, ${where}`,
    async (t) => {
      const random = seeded(t);
      const { bus, close } = await open(new MemoryLog());
      const batches = outbox(random, 30);
      const first = bus.sink({ producer, nextSeq: 0 });
      const answers = await Promise.all(batches.slice(0, 20).map((batch) => first.send(batch)));
      t.same(
        answers.map(({ seq, count, firstOffset }) => ({ seq, count, firstOffset })),
        batches.slice(0, 20).map(({ seq, count }) => ({ seq, count, firstOffset: seq })),
      );
      // The crash: its caller had noted only the first five answers.
      const { seq: nextSeq } = batches[5]!;
      const end = batches.at(-1)!;
      const endSeq = end.seq + end.count;
      const second = bus.sink({ producer, nextSeq, endSeq, windowBatchesMax: 3 });
      const again = await Promise.all(batches.slice(5).map((batch) => second.send(batch)));
      t.same(again.slice(0, 15), answers.slice(5), "the first answers");
      t.ok(await isExact(bus, endSeq));
      await t.rejects(first.send(batches[20]!), { code: "PRODUCER_FENCED" });
      await t.rejects(first.send(batches[21]!), { code: "PRODUCER_FENCED" }, "for good");
      t.ok(await isExact(bus, endSeq));
      await close();
      await t.rejects(second.send(numbered(endSeq, 1)), { code: "CLOSED" });
    },
  );

  t.test(
    `sink: refused events are told by index, and the sequence goes on, ${where}`,
    async (t) => {
      const { bus, close } = await open(new MemoryLog());
      await using sink = bus.sink({ producer, nextSeq: 0 });
      const mixed = numbered(0, 4, (n) => (n % 2 === 0 ? "a.b" : "not a topic"));
      const bad = numbered(4, 2, () => "no topic either");
      const answers = await Promise.all([mixed, bad, numbered(6, 1)].map((one) => sink.send(one)));
      t.match(answers, [
        { seq: 0, count: 4, firstOffset: 0, refused: [{ index: 1 }, { index: 3 }] },
        { seq: 4, count: 2, firstOffset: -1, refused: [{ index: 0 }, { index: 1 }] },
        { seq: 6, count: 1, firstOffset: 2, refused: [] },
      ]);
      t.equal(answers[0]?.refused[0]?.code, "TOPIC_INVALID");
      await close();
    },
  );

  t.test(`sink: what is no batch is refused alone, ${where}`, async (t) => {
    const { bus, close } = await open(new MemoryLog());
    await using sink = bus.sink({ producer, nextSeq: 0 });
    const broken = numbered(1, 2);
    broken.block[broken.block.length - 3]! ^= 1;
    const large = { ...numbered(3, 1), block: Buffer.alloc(batchBytesMax + 1) };
    numbered(3, 1).block.copy(large.block);
    const sent = [numbered(0, 1), broken, large, numbered(4, 1)].map((one) => sink.send(one));
    t.match(await Promise.allSettled(sent), [
      { value: { firstOffset: 0 } },
      { reason: { code: "BLOCK_CORRUPT" } },
      { reason: { code: "BLOCK_INVALID", details: { batchBytesMax } } },
      { value: { seq: 4, firstOffset: 1 } },
    ]);
    await close();
  });

  t.test(
    `sink: a hub that has more than its caller knows of is LOG_DIVERGED, ${where}`,
    async (t) => {
      const { bus, close } = await open(new MemoryLog());
      const first = bus.sink({ producer, nextSeq: 0 });
      await Promise.all([numbered(0, 5), numbered(5, 5)].map((one) => first.send(one)));
      const diverged = { code: "LOG_DIVERGED" };
      const older = bus.sink({ producer, nextSeq: 0, endSeq: 9 });
      await t.rejects(older.send(numbered(0, 5)), { ...diverged, details: { known: 9, hub: 10 } });
      // Without `endSeq`, as far as the batches show it.
      for (const other of [numbered(0, 6), numbered(0, 4), numbered(7, 5)]) {
        const sink = bus.sink({ producer, nextSeq: other.seq });
        await t.rejects(sink.send(other), diverged);
        await t.rejects(sink.send(numbered(other.seq + other.count, 1)), diverged, "for good");
      }
      t.equal((await bus.source.info()).head, 10);
      await using caughtUp = bus.sink({ producer, nextSeq: 10, endSeq: 10 });
      t.equal((await caughtUp.send(numbered(10, 1))).firstOffset, 10);
      await close();
    },
  );
}

t.test("sink: what the hub has forgotten the place of is answered with -1", async (t) => {
  await using bus = await openBus();
  const batches = Array.from({ length: answersMax + 40 }, (_, seq) => numbered(seq, 1));
  const first = bus.sink({ producer, nextSeq: 0 });
  await Promise.all(batches.map((batch) => first.send(batch)));
  const second = bus.sink({ producer, nextSeq: 0, endSeq: batches.length });
  const answers = await Promise.all(batches.map((batch) => second.send(batch)));
  const wanted = batches.map((_, seq) => (seq < 40 ? -1 : seq));
  t.same(
    answers.map(({ firstOffset }) => firstOffset),
    wanted,
  );
  t.ok(await isExact(bus, batches.length));
});

t.test("sink: a hub killed in the middle, again and again, stores each event once", async (t) => {
  const random = seeded(t);
  const [url, dir] = [await freeUrl(), t.testdir()];
  let hub = await Child.start("hub-child", { dir, url });
  const bus = await connect(url);
  const batches = outbox(random, loops("FEDBUS_SINK_BATCHES", 1500));
  const kills = loops("FEDBUS_SINK_KILLS", 5);
  let sink: EventSink = bus.sink({ producer, nextSeq: 0 });
  let answered = 0;
  let crashes = 0;
  let place = 0;
  /** Sends from the first batch without an answer on, as a consumer that was started again does. */
  const start = (): void => {
    const own = sink;
    place = answered;
    for (const [at, batch] of batches.slice(place).entries())
      own.send(batch).then(
        ({ seq, firstOffset }) => {
          if (own !== sink) return;
          if (firstOffset !== seq && firstOffset !== -1) t.fail(`${seq} is at ${firstOffset}`);
          answered = place + at + 1;
        },
        (error: { code: string }) => t.equal(error.code, "CLOSED"),
      );
  };
  start();
  for (let kill = 0; kill < kills; kill++) {
    const target = Math.min(batches.length, answered + below(random, batches.length / kills));
    await until(() => answered >= target);
    if (kill % 2 === 1) {
      const noted = answered;
      const old = sink;
      // Some answers came, but the crash was before they were noted.
      answered = Math.max(0, noted - below(random, 100));
      sink = bus.sink({ producer, nextSeq: batches[answered]?.seq ?? 0 });
      await old.close();
      crashes++;
      start();
    }
    await hub.kill();
    hub = await Child.start("hub-child", { dir, url });
  }
  await until(() => answered === batches.length);
  const last = batches.at(-1)!;
  t.ok(await isExact(bus, last.seq + last.count));
  t.comment(`${kills} hubs killed, ${crashes} sinks: ${last.seq + last.count} events, each once`);
  await bus.close();
  await hub.kill();
});

t.test("sink: the window bounds what is in flight; close rejects the rest", async (t) => {
  const log = new MemoryLog();
  const port = new SteeredPort(await Broker.open(log));
  const held = latch();
  port.before = () => held.opened;
  let closes = 0;
  const sink = new NumberedSink(port, { producer, nextSeq: 0, windowBatchesMax: 2 }, () => {
    closes++;
  });
  const sent = [0, 1, 2, 3].map((seq) => sink.send(numbered(seq, 1)));
  const ends = Promise.allSettled(sent);
  await until(() => port.inFlight === 2);
  await sink.close();
  await sink.close();
  t.match(
    await ends,
    sent.map(() => ({ reason: { code: "CLOSED" } })),
  );
  held.open();
  await until(() => port.inFlight === 0);
  t.same([port.inFlightMost, closes], [2, 1]);
  await t.rejects(sink.send(numbered(4, 1)), { code: "CLOSED" });
});

t.test(
  "sink: a gap in the sequence, and a count that is not the block's, are mistakes",
  async (t) => {
    await using bus = await openBus();
    await using sink = bus.sink({ producer, nextSeq: 7 });
    await t.rejects(sink.send(numbered(0, 1)), RangeError);
    await t.rejects(sink.send({ ...numbered(7, 1), count: 2 }), RangeError);
    await t.rejects(sink.send({ seq: 7, count: 0, block: Buffer.alloc(0) }), RangeError);
    t.match(await sink.send(numbered(7, 1)), { seq: 7, firstOffset: 0 }, "nothing is used up");
    await t.rejects(sink.send(numbered(7, 1)), RangeError);
  },
);

t.test("sink: options are checked, all of them", async (t) => {
  await using bus = await openBus();
  const wrong = { producer: "", endSeq: -1, windowBatchesMax: 33, seq: 0 } as object;
  t.throws(() => bus.sink(wrong as never), {
    code: "OPTIONS_INVALID",
    details: {
      problems: [
        "endSeq must be a whole number, 0 or more",
        "seq is not an option",
        "producer must have 1 to 128 characters",
        "nextSeq is missing",
        "windowBatchesMax must be a whole number from 1 to 32",
      ],
    },
  });
  t.throws(() => bus.sink({ producer, nextSeq: 5, endSeq: 4 }), { code: "OPTIONS_INVALID" });
});
