import t from "tap";
import { consumer } from "../../../consumers/index.js";
import { eventsOn, memoryBus, start } from "../running.js";

t.test(
  "runner: an event that always fails goes to the dead-letter topic, and only it",
  async (t) => {
    const bus = await memoryBus(t);
    const publisher = bus.publisher();
    for (let index = 0; index < 10; index++) await publisher.publish("in.x", { index });
    let attempts = 0;
    const faulty = consumer({
      name: "faulty",
      topics: ["in.#"],
      attemptsMax: 3,
      handle: (event, context) => {
        const { index } = event.msg as { index: number };
        context.state.put("sum", ((context.state.get("sum") as number) ?? 0) + index);
        if (index === 4) {
          attempts++;
          throw new RangeError("four");
        }
        context.emit("out.sum", { index, sum: context.state.get("sum") });
      },
    });
    const running = start(bus, faulty, { dir: t.testdir(), limits: { retryMsMax: 1 } });
    await running.caughtUp();
    await running.stop();
    t.equal(attempts, 3);
    const outputs = await eventsOn(bus, "out.sum");
    t.same(
      outputs.map(({ msg }) => (msg as { sum: number }).sum),
      [0, 1, 3, 6, 11, 17, 24, 32, 41],
    );
    const letters = await eventsOn(bus, "consumers.faulty.dead-letter");
    t.equal(letters.length, 1);
    t.match(letters[0]!.msg, {
      consumer: "faulty",
      kind: "event",
      event: { offset: 4, topic: "in.x" },
      attempts: 3,
      error: { name: "RangeError", message: "four" },
      original: { msg: { index: 4 } },
    });
  },
);

t.test("runner: each of several events and timers that always fail becomes a letter", async (t) => {
  const bus = await memoryBus(t);
  const publisher = bus.publisher();
  await publisher.publishMany([0, 1, 2, 3, 4, 5].map((msg) => ({ topic: "in.x", msg })));
  const faulty = consumer({
    name: "faulty",
    topics: ["in.#"],
    attemptsMax: 2,
    watermark: { time: (event) => event.msg as number },
    handle: (event, { timers, emit }) => {
      timers.set("event", event.msg as number, `timer ${event.msg}`);
      if ([0, 2, 3].includes(event.msg as number)) throw new Error("odd one");
      emit("out.seen", event.msg);
    },
    timer: ({ key }, { emit }) => {
      if (key === "timer 1") throw new Error("odd timer");
      emit("out.fired", key);
    },
  });
  const running = start(bus, faulty, { dir: t.testdir(), limits: { retryMsMax: 1 } });
  await running.caughtUp();
  await running.stop();
  const bodies = async (topic: string) => (await eventsOn(bus, topic)).map(({ msg }) => msg);
  t.same(await bodies("out.seen"), [1, 4, 5]);
  t.same(await bodies("out.fired"), ["timer 4", "timer 5"]);
  t.match(await bodies("consumers.faulty.dead-letter"), [
    { kind: "event", event: { offset: 0 }, attempts: 2 },
    { kind: "timer", timer: { key: "timer 1" }, attempts: 2 },
    { kind: "event", event: { offset: 2 }, attempts: 2 },
    { kind: "event", event: { offset: 3 }, attempts: 2 },
  ]);
});

t.test(
  "runner: events that cannot be handled, side by side, become one dead letter each",
  async (t) => {
    const bus = await memoryBus(t);
    const publisher = bus.publisher();
    await publisher.publishMany([0, 1, 2, 3, 4, 5].map((msg) => ({ topic: "in.x", msg })));
    const picky = consumer({
      name: "picky",
      topics: ["in.#"],
      attemptsMax: 2,
      handle: (event, context) => {
        if ([2, 3, 5].includes(event.msg as number)) throw new Error(`not ${event.msg}`);
        context.emit("out.seen", event.msg);
      },
    });
    const running = start(bus, picky, { dir: t.testdir(), limits: { retryMsMax: 1 } });
    await running.caughtUp();
    await running.stop();
    const outputs = await eventsOn(bus, "out.seen", "consumers.picky.dead-letter");
    t.match(
      outputs.map(({ msg }) => msg),
      [
        ...[0, 1],
        { event: { offset: 2 }, attempts: 2 },
        { event: { offset: 3 }, attempts: 2 },
        4,
        { event: { offset: 5 }, attempts: 2 },
      ],
    );
    t.equal(outputs.length, 6);
  },
);

t.test("runner: an event of which key and time fail becomes a letter, and only it", async (t) => {
  const bus = await memoryBus(t);
  const publisher = bus.publisher();
  const bodies = [{ at: { ms: 1 } }, null, { at: { ms: 2 } }];
  await publisher.publishMany(bodies.map((msg) => ({ topic: "in.x", msg })));
  const msOf = ({ msg }: { readonly msg: unknown }) => (msg as { at: { ms: number } }).at.ms;
  const faulty = consumer({
    name: "faulty",
    topics: ["in.#"],
    attemptsMax: 2,
    key: (event) => String(msOf(event)),
    watermark: { time: msOf },
    handle: (event, { emit }) => emit("out.seen", msOf(event)),
  });
  const running = start(bus, faulty, { dir: t.testdir(), limits: { retryMsMax: 1 } });
  await running.caughtUp();
  await running.stop();
  const seen = await eventsOn(bus, "out.seen");
  t.same(
    seen.map(({ msg }) => msg),
    [1, 2],
  );
  const letters = await eventsOn(bus, "consumers.faulty.dead-letter");
  t.match(
    letters.map(({ msg }) => msg),
    [{ event: { offset: 1 }, attempts: 2, error: { name: "TypeError" } }],
  );
});

t.test(
  "runner: a consumer that halts stops at the event, and goes on there once it is mended",
  async (t) => {
    const bus = await memoryBus(t);
    const dir = t.testdir();
    const publisher = bus.publisher();
    for (let index = 0; index < 5; index++) await publisher.publish("in.x", index);
    const strict = (isMended: boolean) =>
      consumer({
        name: "strict",
        topics: ["in.#"],
        onFailure: "halt",
        attemptsMax: 2,
        handle: async (event, context) => {
          await Promise.resolve();
          if (event.msg === 3 && !isMended) throw new Error("three");
          context.emit("out.seen", event.msg);
        },
      });
    const limits = { retryMsMax: 1 };
    const halted = start(bus, strict(false), { dir, limits });
    await t.rejects(halted.done, {
      code: "CONSUMER_HALTED",
      details: { place: "event 3", attempts: 2 },
      cause: { message: "three" },
    });
    const mended = start(bus, strict(true), { dir, limits });
    await mended.caughtUp();
    await mended.stop();
    const outputs = await eventsOn(bus, "out.seen");
    t.same(
      outputs.map(({ msg }) => msg),
      [0, 1, 2, 3, 4],
    );
  },
);

t.test(
  "runner: when nothing can be handled it halts, and does not bury the whole stream",
  async (t) => {
    const bus = await memoryBus(t);
    const publisher = bus.publisher();
    await publisher.publishMany(Array.from({ length: 300 }, (_, msg) => ({ topic: "in.x", msg })));
    const broken = consumer({
      name: "broken",
      topics: ["in.#"],
      attemptsMax: 1,
      handle: () => {
        throw new Error("always");
      },
    });
    const running = start(bus, broken, { dir: t.testdir(), limits: { retryMsMax: 1 } });
    await t.rejects(running.done, { code: "CONSUMER_HALTED" });
    const letters = await eventsOn(bus, "consumers.broken.dead-letter");
    t.ok(letters.length < 100, `${letters.length} dead letters`);
  },
);

t.test("runner: what is no JSON, and what the hub refuses, becomes a dead letter", async (t) => {
  const bus = await memoryBus(t);
  const publisher = bus.publisher();
  for (let index = 0; index < 4; index++) await publisher.publish("in.x", index);
  const odd = consumer({
    name: "odd",
    topics: ["in.#"],
    attemptsMax: 2,
    handle: (event, context) => {
      if (event.msg === 1) context.state.put("f", () => 1);
      context.emit(event.msg === 2 ? "fedbus.forbidden" : "out.fine", event.msg);
    },
  });
  const running = start(bus, odd, {
    dir: t.testdir(),
    limits: { retryMsMax: 1, commitIntervalMs: 0 },
  });
  const letters = async () => await eventsOn(bus, "consumers.odd.dead-letter");
  while ((await letters()).length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  await running.stop();
  t.same(
    (await eventsOn(bus, "out.fine")).map(({ msg }) => msg),
    [0, 3],
  );
  const [first, second] = await letters();
  t.match(first!.msg, { kind: "event", event: { offset: 1 }, error: { code: "STATE_INVALID" } });
  t.match(second!.msg, {
    kind: "output",
    topic: "fedbus.forbidden",
    error: { code: "TOPIC_RESERVED" },
    original: { msg: 2 },
  });
});
