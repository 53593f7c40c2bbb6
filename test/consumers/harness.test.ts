import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import t from "tap";
import { consumer } from "../../consumers/index.js";
import { harness } from "../../testing.js";

interface Reading {
  readonly sensor: string;
  readonly value: number;
}

/** Tells of a sensor that was above the limit, when it has been silent for a minute. */
const alarms = consumer<{ limit: number }>({
  name: "alarms",
  topics: ["sensor.#"],
  config: { type: "object", properties: { limit: { type: "number", default: 10 } } },
  key: (event) => (event.msg as Reading).sensor,
  attemptsMax: 2,
  handle(event, { state, timers, emit, config, now }) {
    const { sensor, value } = event.msg as Reading;
    if (value < 0) throw new RangeError("below nothing");
    if (value > config.limit) emit("alarm.raised", { sensor, at: event.timestamp });
    state.put(sensor, value, { ttlMs: 120_000 });
    timers.set("log", now() + 60_000, sensor);
  },
  timer({ key, at }, { emit }) {
    emit("sensor-silent", { sensor: key, at });
  },
});

t.test("harness: feeds, advances, and shows what came of it", async (t) => {
  await using h = await harness(alarms, { config: { limit: 5 } });
  const start = h.now;
  t.same(await h.feed("sensor.a", { sensor: "a", value: 3 }), []);
  await h.advance(1_000);
  const [raised] = await h.feed("sensor.a", { sensor: "a", value: 6 }, { timestamp: start + 7 });
  t.match(raised, {
    topic: "alarm.raised",
    msg: { sensor: "a", at: start + 7 },
    headers: { cause: { consumer: "alarms", offset: 1 } },
    timestamp: start + 1_000,
  });
  t.equal(await h.state("a"), 6);
  t.same(await h.advance(58_999), []);
  t.match(await h.advance(1), [{ topic: "sensor-silent", msg: { at: start + 60_000 } }]);
  t.match(await h.advance(1_000), [{ msg: { at: start + 61_000 } }]);
  t.equal(h.outputs.length, 3);
  await h.advance(60_000);
  t.equal(await h.state("a"), undefined, "it has expired");
});

t.test("harness: what fails becomes a dead letter, what is refused is told", async (t) => {
  await using h = await harness(alarms);
  await h.feedAll([
    { topic: "sensor.a", msg: { sensor: "a", value: 1 } },
    { topic: "sensor.a", msg: { sensor: "a", value: -1 } },
    { topic: "sensor.b", msg: { sensor: "b", value: 2 } },
  ]);
  t.match(h.deadLetters, [
    { consumer: "alarms", attempts: 2, event: { offset: 1 }, error: { message: "below nothing" } },
  ]);
  t.same(
    [...(await h.table())],
    [
      ["a", 1],
      ["b", 2],
    ].sort(),
  );
  await t.rejects(h.feed("not a topic", {}), { code: "TOPIC_INVALID" });
  await t.rejects(harness(alarms, { config: { limit: "x" } }), { code: "OPTIONS_INVALID" });
});

t.test("harness: two runs give the same bytes; a plugin may be named by its file", async (t) => {
  const path = join(t.testdir(), "echo.ts");
  writeFileSync(
    path,
    `import { consumer } from "fedbus/consumers";
export default consumer({ name: "echo", topics: ["#"], handle(event, context) {
  const n = (event.msg as { n: number }).n;
  if (n > 0) context.emit("echo", { n: n - 1, random: context.random() });
} });`,
  );
  const runs = [path, pathToFileURL(path), pathToFileURL(path).href].map(async (plugin) => {
    await using h = await harness(plugin);
    await h.feed("in", { n: 3 });
    return h.outputs;
  });
  const [first, ...others] = await Promise.all(runs);
  t.match(
    first?.map(({ msg }) => msg),
    [{ n: 2 }],
    "it is not given its own outputs",
  );
  t.equal(first?.length, 1);
  for (const other of others) t.same(other, first);
});
