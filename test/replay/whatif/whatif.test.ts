import { join } from "node:path";
import t from "tap";
import { type Bus, openBus } from "../../../bus/index.js";
import { ConsumerHome, consumer, runConsumer } from "../../../consumers/index.js";
import { below, loops, patienceMs, seeded } from "../../bus/seed.js";
import { ledger } from "../../consumers/runner/ledger.js";
import { eventsOn, memoryBus, type Running, start } from "../../consumers/running.js";
import { scratch } from "../scratch.js";
import { alarms } from "./alarms.js";
import { compared, runLive } from "./compared.js";

t.setTimeout(patienceMs);
const count = loops("FEDBUS_WHATIF_EVENTS", 20_000);

async function publish(bus: Bus, events: readonly { topic: string; msg: unknown }[]) {
  await using publisher = bus.publisher();
  for (let at = 0; at < events.length; at += 1_000) {
    await publisher.ready();
    await publisher.publishMany(events.slice(at, at + 1_000));
  }
}

/** Readings from 0 to 99, in turn. */
function readings(length: number) {
  return Array.from({ length }, (_, index) => ({
    topic: `sensor.${index % 3}`,
    msg: { value: index % 100 },
  }));
}

t.test("what-if: an unchanged plugin shows no difference", async (t) => {
  const root = scratch(t);
  await using bus = await openBus({ dir: join(root, "log") });
  await publish(bus, readings(count));
  const against = await runLive(t, bus, alarms(50), { dir: join(root, "alarms") });
  const { totals, range } = await compared(t, bus, alarms(50), { against });
  const raised = Math.floor(count / 100) * 49;
  t.same(totals, { same: raised, added: 0, dropped: 0, changed: 0 });
  t.ok(range.to >= count);
  t.comment(`${count} events, ${raised} outputs`);
});

t.test("what-if: a changed threshold shows exactly what it adds and drops", async (t) => {
  const bus = await memoryBus(t);
  await publish(bus, readings(1_000));
  const against = await runLive(t, bus, alarms(50));
  const lower = await compared(t, bus, alarms(40), { against, limit: 1_000 });
  t.same(lower.totals, { same: 490, added: 100, dropped: 0, changed: 0 });
  t.same(
    lower.differences.map(({ kind, cause, new: fresh }) => [kind, cause.offset, fresh]),
    Array.from({ length: 1_000 }, (_, offset) => offset)
      .filter((offset) => offset % 100 > 40 && offset % 100 <= 50)
      .map((offset) => ["added", offset, { value: offset % 100, level: "high" }]),
  );
  const higher = await compared(t, bus, alarms(90), { against, limit: 2 });
  t.same(higher.totals, { same: 90, added: 0, dropped: 400, changed: 0 });
  t.equal(higher.differences.length, 2, "as many as the limit");
  t.match(higher.differences[0], { kind: "dropped", cause: { offset: 51, key: "sensor.0" } });
  t.match(higher.differences[0]!.old, { value: 51 });
  t.same(higher.topics, [{ name: "alarm.raised", count: 400 }]);
});

t.test("what-if: what changes is told field by field", async (t) => {
  const bus = await memoryBus(t);
  await publish(bus, readings(200));
  const against = await runLive(t, bus, alarms(50));
  const alert = (value: number) =>
    value > 90
      ? { value, level: "severe", list: [1, { deep: value }] }
      : { value: value + 1, level: "high" };
  const changed = alarms(50, { version: "2", alert });
  const { totals, fields, differences } = await compared(t, bus, changed, { against, limit: 100 });
  t.same(totals, { same: 0, added: 0, dropped: 0, changed: 98 });
  t.same(fields, [
    { name: "/msg/value", count: 80 },
    { name: "/msg/level", count: 18 },
    { name: "/msg/list", count: 18 },
  ]);
  t.same(differences[0]!.fields, [{ path: "/msg/value", old: 51, new: 52 }]);
  const { totals: ignoring } = await compared(t, bus, changed, {
    against,
    ignore: ["/msg/value"],
  });
  for (const wrong of ["value", "msg/value", "/value", ""])
    await t.rejects(
      compared(t, bus, changed, { against, ignore: [wrong] }),
      { code: "OPTIONS_INVALID", details: { pointer: wrong } },
      "a field that no event has is not ignored silently",
    );
  t.same(ignoring, { same: 80, added: 0, dropped: 0, changed: 18 });
});

t.test("what-if: timers, windows and state of a live run come out the same", async (t) => {
  const random = seeded(t);
  const bus = await memoryBus(t);
  const running = start(bus, ledger, { dir: scratch(t) });
  for (let round = 0; round < 20; round++) {
    await publish(
      bus,
      Array.from({ length: 30 }, () => ({
        topic: `bank.${below(random, 3)}`,
        msg: {
          account: `a${below(random, 8)}`,
          amount: below(random, 100),
          at: Date.now() - below(random, 80),
        },
      })),
    );
    await new Promise((resolve) => setTimeout(resolve, below(random, 60)));
  }
  await running.caughtUp();
  const told = new Set<number>();
  for (const { envelope } of await eventsOn(bus, "ledger.#"))
    told.add((envelope.headers as { cause: { offset: number } }).cause.offset);
  await running.stop();
  const whole = await compared(t, bus, ledger);
  t.match(whole.totals, { added: 0, dropped: 0, changed: 0 });
  t.ok(whole.totals.same > 500, `${whole.totals.same} outputs`);
  const [to] = [...told].slice(Math.floor(told.size / 2));
  const part = await compared(t, bus, ledger, { to: to! });
  t.match(part.totals, { added: 0, dropped: 0, changed: 0 });
  t.equal(part.range.to, to);
  t.ok(part.totals.same < whole.totals.same);
  const late = await compared(t, bus, ledger, { from: to! });
  t.match(late.notes[0], /empty state/);
});

t.test("what-if: several processes, rewinds and refused outputs make no difference", async (t) => {
  const bus = await memoryBus(t);
  await publish(bus, readings(300));
  const odd = consumer({
    name: "odd",
    topics: ["sensor.#"],
    attemptsMax: 2,
    key: (event) => event.topic,
    handle: (event, { emit }) => {
      const { value } = event.msg as { value: number };
      if (value === 77) throw new Error("never");
      emit(value % 10 === 3 ? "fedbus.forbidden" : "odd.out", value);
    },
  });
  const dir = scratch(t);
  const limits = { retryMsMax: 1, commitIntervalMs: 0, commitEventsMax: 20 };
  const both: Running[] = [];
  for (const index of [0, 1]) {
    both.push(start(bus, odd, { dir, limits, partition: { index, count: 2 } }));
    await both[index]!.caughtUp();
  }
  await new Promise((resolve) => setTimeout(resolve, 300));
  await Promise.all(both.map((one) => one.stop()));
  // As a consumer that was reset: everything once more.
  await new ConsumerHome(dir).switchTo({ generation: 2, parallelism: 1 });
  const again = start(bus, odd, { dir, limits });
  await again.caughtUp();
  await new Promise((resolve) => setTimeout(resolve, 300));
  await again.stop();
  const place = { next: 300, time: Date.now() };
  const { totals } = await compared(t, bus, odd, { against: { name: "odd", place }, limits });
  t.same(totals, { same: 300, added: 0, dropped: 0, changed: 0 });
});

t.test("what-if: what others publish under a consumer's name is not its output", async (t) => {
  const bus = await memoryBus(t);
  await publish(bus, readings(200));
  const against = await runLive(t, bus, alarms(50));
  const [genuine] = await eventsOn(bus, "alarm.raised");
  const { headers } = genuine!.envelope;
  const forged = { topic: "alarm.raised", msg: { value: -1 } };
  const past = { cause: { consumer: "alarms", version: "1", offset: 1_000_000 } };
  const retracted = { topic: "consumers.alarms.retracted", msg: { offset: genuine!.offset } };
  await using publisher = bus.publisher();
  await publisher.publish(forged.topic, forged.msg, { headers: headers! });
  await publisher.publish(forged.topic, forged.msg, { headers: past });
  await publisher.publish(retracted.topic, retracted.msg, { headers: headers! });
  const { totals } = await compared(t, bus, alarms(50), { against });
  t.same(totals, { same: 98, added: 0, dropped: 0, changed: 0 });
});

t.test("what-if: two plugins over the same events", async (t) => {
  const bus = await memoryBus(t);
  await publish(bus, readings(500));
  const report = await compared(t, bus, alarms(60, { version: "2" }), {
    against: { consumer: alarms(50) },
  });
  t.same(report.totals, { same: 195, added: 0, dropped: 50, changed: 0 });
  t.equal(report.against, "alarms 1");
  t.same(report.range, { from: 0, to: 500 });
});

t.test("what-if: a consumer that has published nothing is said to", async (t) => {
  const bus = await memoryBus(t);
  await publish(bus, readings(100));
  const { totals, notes } = await compared(t, bus, alarms(89));
  t.same(totals, { same: 0, added: 10, dropped: 0, changed: 0 });
  t.match(notes[0], /no outputs of alarms/);
});

t.test("what-if: told to stop, it ends, and can be gone on with", async (t) => {
  const bus = await memoryBus(t);
  await publish(bus, readings(500));
  await runConsumer(bus, alarms(50), { dir: scratch(t), signal: AbortSignal.timeout(1_000) });
  const dir = join(scratch(t), "w");
  const ending = new AbortController();
  const stopping = alarms(50);
  const slow = {
    ...stopping,
    keyOf: (...given: Parameters<typeof stopping.keyOf>) => {
      if (given[0].offset === 200) ending.abort();
      return stopping.keyOf(...given);
    },
  };
  const limits = { commitEventsMax: 10 };
  await t.rejects(compared(t, bus, slow, { dir, limits, signal: ending.signal }), {
    name: "AbortError",
  });
  const { totals } = await compared(t, bus, alarms(50), { dir });
  t.same(totals, { same: 245, added: 0, dropped: 0, changed: 0 });
});
