import t from "tap";
import { EnvelopeWriter } from "../../schemas/envelope.js";

const fixed = { clock: () => 1_763_734_829_123, random: (bytes: number) => new Uint8Array(bytes) };

t.test("envelope writer: writes every member in order", async (t) => {
  const writer = new EnvelopeWriter({
    ...fixed,
    username: 'a"b',
    sourceName: "shop",
    sourceVersion: "1.2.3",
  });
  const text = writer.write("shop.order", { total: 1 }, { trace: "x" });
  const event = JSON.parse(text) as Record<string, unknown>;
  t.same(Object.keys(event), [
    "topic",
    "msg_id",
    "timestamp",
    "i",
    "username",
    "source_name",
    "source_version",
    "headers",
    "msg",
  ]);
  t.match(event, {
    topic: "shop.order",
    timestamp: 1763734829.123,
    i: 1,
    username: 'a"b',
    headers: { trace: "x" },
    msg: { total: 1 },
  });
});

t.test("envelope writer: leaves out what it was not given", async (t) => {
  const event = JSON.parse(new EnvelopeWriter(fixed).write("a", null)) as object;
  t.same(Object.keys(event), ["topic", "msg_id", "timestamp", "i", "msg"]);
});

t.test("envelope writer: counts i from 1, and not for what it refuses", async (t) => {
  const writer = new EnvelopeWriter(fixed);
  const sequence = () => (JSON.parse(writer.write("a", 1)) as { i: number }).i;
  t.equal(sequence(), 1);
  t.throws(() => writer.write("a", undefined), { code: "EVENT_INVALID" });
  t.equal(sequence(), 2);
});

t.test("envelope writer: refuses what is not JSON", async (t) => {
  const writer = new EnvelopeWriter(fixed);
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  for (const msg of [undefined, () => 1, Symbol("x"), 1n, { big: 1n }, cycle])
    t.throws(() => writer.write("a", msg), {
      code: "EVENT_INVALID",
      details: { topic: "a", pointer: "/msg" },
    });
  for (const headers of [[], null, "x", cycle])
    t.throws(() => writer.write("a", 1, headers as Record<string, unknown>), {
      code: "EVENT_INVALID",
      details: { pointer: "/headers" },
    });
});

t.test("envelope writer: refuses a topic that is none", async (t) => {
  t.throws(() => new EnvelopeWriter(fixed).write("a b", 1), { code: "TOPIC_INVALID" });
});
