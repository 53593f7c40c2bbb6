import t from "tap";
import { consumer, type Handlers } from "../../../consumers/index.js";
import { eventsOn, memoryBus, start } from "../running.js";

/** Counts by topic, and says each new count. */
function counter(extra: Partial<Handlers> = {}) {
  return consumer({
    name: "counter",
    version: "1.2",
    topics: ["in.*"],
    key: (event) => event.topic,
    handle: (event, context) => {
      const count = ((context.state.get(event.topic) as number) ?? 0) + 1;
      context.state.put(event.topic, count);
      context.emit("out.count", { topic: event.topic, count, at: context.now() });
    },
    ...extra,
  });
}

t.test(
  "runner: outputs go to the log, with their cause, and state goes on after a stop",
  async (t) => {
    const bus = await memoryBus(t);
    const dir = t.testdir();
    const publisher = bus.publisher();
    for (let index = 0; index < 10; index++) await publisher.publish(`in.${index % 2}`, { index });
    const first = start(bus, counter(), { dir });
    await first.caughtUp();
    await first.stop();
    for (let index = 10; index < 14; index++) await publisher.publish(`in.${index % 2}`, { index });
    const second = start(bus, counter(), { dir });
    await second.caughtUp();
    await second.stop();
    const outputs = await eventsOn(bus, "out.count");
    t.same(
      outputs.map(({ msg }) => (msg as { count: number }).count),
      [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7],
    );
    const { headers, timestamp, i, msg_id } = outputs[0]!.envelope;
    t.same(headers, { cause: { consumer: "counter", version: "1.2", offset: 0 } });
    t.equal(timestamp! * 1000, (outputs[0]!.msg as { at: number }).at);
    t.equal(i, 1);
    t.match(msg_id, /^\d{4}-[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    t.equal(new Set(outputs.map(({ envelope }) => envelope.msg_id)).size, 14, "ids are unique");
  },
);

t.test("runner: the state of another log is not gone on with", async (t) => {
  const dir = t.testdir();
  const one = await memoryBus(t);
  await one.publisher().publish("in.0", {});
  const running = start(one, counter(), { dir });
  await running.caughtUp();
  await running.stop();
  const other = await memoryBus(t);
  await t.rejects(start(other, counter(), { dir }).done, { code: "LOG_DIVERGED" });
});

t.test("runner: in a stream that went quiet event time goes on with the log's time", async (t) => {
  const bus = await memoryBus(t);
  await bus.publisher().publish("in.x", { at: 1_000 });
  const quiet = consumer({
    name: "quiet",
    topics: ["in.#"],
    watermark: { time: (event) => (event.msg as { at: number }).at, idleMs: 10 },
    handle: (_, { timers }) => timers.set("event", 1_500, "w"),
    timer: ({ at, clock }, { emit, now }) => emit("out.closed", { at, clock, now: now() }),
  });
  const running = start(bus, quiet, { dir: t.testdir() });
  const closed = async () => await eventsOn(bus, "out.closed");
  while ((await closed()).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  await running.stop();
  const [output] = await closed();
  const [event] = await eventsOn(bus, "in.x");
  // 500 ms of event time were missing, and the log's time went on by as much.
  t.same(output!.msg, { at: 1_500, clock: "event", now: event!.recordedAt + 500 });
});

t.test("runner: a consumer is not given what it has put out itself, others are", async (t) => {
  const bus = await memoryBus(t);
  await bus.publisher().publish("in.x", 1);
  const echo = (name: string, out: string) =>
    consumer({
      name,
      topics: ["in.#"],
      handle: ({ msg }, { emit }) => emit(out, msg),
    });
  const root = t.testdir();
  const one = start(bus, echo("one", "in.one"), { dir: `${root}/one` });
  const other = start(bus, echo("other", "out.other"), { dir: `${root}/other` });
  while ((await eventsOn(bus, "out.other")).length < 2)
    await new Promise((resolve) => setTimeout(resolve, 10));
  await one.caughtUp();
  await one.stop();
  await other.stop();
  t.equal((await eventsOn(bus, "in.one")).length, 1);
  t.equal((await eventsOn(bus, "out.other")).length, 2);
});
