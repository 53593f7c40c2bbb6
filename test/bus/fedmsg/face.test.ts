import t from "tap";
import { eventsOf } from "../../../bus/event.js";
import { FedmsgFace } from "../../../bus/fedmsg/fedmsg-face.js";
import { MemoryLog } from "../../../bus/log/memory-log.js";
import { realPath, skipWithoutData } from "../../real-data.js";
import { signedLines } from "../signing/signed-lines.js";
import { until } from "../turns.js";
import { join } from "./joined.js";

async function stored(log: MemoryLog, pattern: string): Promise<string[]> {
  const { blocks } = await log.read({ from: 0, patterns: [pattern] });
  return blocks.flatMap(eventsOf).map(({ bytes }) => bytes.toString());
}

t.test("fedmsg out: two frames, the topic and the publisher's bytes, by prefix", async (t) => {
  const { publisher, subscribe } = await join(t);
  const socket = await subscribe("org.shop");
  const text = '{ "msg":{"total":1.0}, "topic":"org.shopping.done","timestamp":1}';
  await publisher.publish("org.other", 1);
  await publisher.publishEnvelopes([text, '{"topic":"org.shop","msg":2}']);
  t.strictSame((await socket.receive()).map(String), ["org.shopping.done", text]);
  t.strictSame((await socket.receive()).map(String), ["org.shop", '{"topic":"org.shop","msg":2}']);
});

t.test(
  "fedmsg out: the bus's own events stay inside, and nothing is read for nobody",
  async (t) => {
    const { broker, log, publisher, subscribe } = await join(t);
    const signals: (AbortSignal | undefined)[] = [];
    const { follow } = log;
    log.follow = (options) => {
      signals.push(options.signal);
      return follow.call(log, options);
    };
    await publisher.publish("a", 1);
    t.equal(signals.length, 0);
    const first = await subscribe("");
    const second = await subscribe("");
    t.equal(signals.length, 1);
    await broker.registerSchema({ name: "a", version: 1, topics: ["x"], schema: {} });
    await publisher.publish("a", 2);
    t.equal(String((await first.receive())[0]), "probe.probe", "the second one's");
    first.close();
    second.close();
    await until(() => signals[0]?.aborted === true);
    await subscribe("b.");
    t.equal(signals.length, 2);
  },
);

t.test("fedmsg in: bytes are kept, duplicates known, and loops end", async (t) => {
  const { face, log, publisher, subscribe, send } = await join(t);
  const text = '{"msg":{"n":1.0}, "topic":"org.a","msg_id":"2026-1","i":1,"username":null}';
  const socket = await subscribe("org.");
  const sender = await send(["org.a", text], ["org.a", text]);
  t.strictSame((await socket.receive()).map(String), ["org.a", text]);
  await publisher.publish("org.native", 1);
  const echo = await socket.receive();
  await sender.send(echo);
  await until(() => face.counts.duplicates === 2);
  t.equal(face.counts.accepted, 1);
  t.strictSame(await stored(log, "org.a"), [text]);
});

t.test("fedmsg in: ids of what was stored before are known after a restart", async (t) => {
  const log = new MemoryLog();
  const first = await join(t, log);
  await first.publisher.publishEnvelopes(['{"topic":"a","msg":1,"msg_id":"2026-1"}']);
  const { face, send } = await join(t, log);
  await send(
    ["a", '{"topic":"a","msg":1,"msg_id":"2026-1"}'],
    ["a", '{"topic":"a","msg":1,"msg_id":"2026-2"}'],
  );
  await until(() => face.counts.accepted === 1);
  t.equal(face.counts.duplicates, 1);
});

t.test("fedmsg in: what is malformed is left out, what the gate refuses is counted", async (t) => {
  const { broker, face, log, warnings, send } = await join(t);
  await broker.registerSchema({ name: "n", version: 1, topics: ["n"], schema: { type: "number" } });
  const before = face.counts.malformed;
  const good = '{"topic":"n","msg":1,"msg_id":"2026-9"}';
  const sender = await send(
    ["n"],
    ["n", good, "three"],
    ["n", "{"],
    ["n", "null"],
    ["n", "[]"],
    ["other", good],
    ["n", '{"topic":"n","msg":"x","msg_id":"2026-9"}'],
    ["n", '{"topic":"n","msg":1,"i":1.5}'],
    ["fedbus.schemas", '{"topic":"fedbus.schemas","msg":1}'],
    ["n", Buffer.from([0xff, 0xfe])],
    ["n", `{"topic":"n","msg":${"[".repeat(50)}${"]".repeat(50)}}`],
  );
  await until(() => face.counts.refused === 4 && face.counts.malformed > before + 7);
  t.equal(face.counts.accepted, 0);
  await sender.send(["n", good]);
  await until(() => face.counts.accepted === 1);
  t.strictSame(await stored(log, "n"), [good], "its id was free again");
  t.equal(warnings.length, 1, "one warning for all of it");
});

t.test("fedmsg in: a refused message takes no genuine one's id, even in flight", async (t) => {
  const { broker, face, log, send } = await join(t);
  await broker.registerSchema({ name: "n", version: 1, topics: ["n"], schema: { type: "number" } });
  const pairs = Array.from({ length: 30 }, (_, index) =>
    ['"forged"', index].map((msg) => `{"topic":"n","msg":${msg},"msg_id":"2026-${index}"}`),
  );
  await send(...pairs.flat().map((text) => ["n", text]));
  await until(() => face.counts.refused === 30 && face.counts.accepted === 30);
  t.equal(face.counts.duplicates, 0);
  t.strictSame(
    await stored(log, "n"),
    pairs.map(([, genuine]) => genuine),
  );
});

t.test(
  "fedmsg in: one sender's oversized frame costs it its connection, and nobody else",
  async (t) => {
    const { face, send } = await join(t);
    const other = await send();
    const sender = await send(["a", Buffer.alloc(2 * 1024 * 1024, 0x20)]);
    await other.send(["a", '{"topic":"a","msg":1}']);
    await until(() => face.counts.accepted === 1);
    // It connects again by itself.
    await until(async () => {
      await sender.send(["a", '{"topic":"a","msg":2,"msg_id":"2026-1"}']);
      return face.counts.accepted === 2;
    });
  },
);

t.test(
  "fedmsg: Fedora's signed messages go in and out as they are",
  { skip: skipWithoutData },
  async (t) => {
    const { face, subscribe, send } = await join(t);
    const lines = await signedLines(realPath("signed-wire.ndjson"));
    const socket = await subscribe("org.");
    await send(...lines.map((line) => [(JSON.parse(line) as { topic: string }).topic, line]));
    const distinct = [...new Set(lines)];
    const came: string[] = [];
    while (came.length < distinct.length) came.push(String((await socket.receive())[1]));
    t.strictSame(came, distinct);
    t.equal(face.counts.refused, 0);
  },
);

t.test("fedmsg: addresses off loopback, in use, or of another kind are refused", async (t) => {
  const { broker, face } = await join(t);
  const open = (addresses: object) => FedmsgFace.open(broker, addresses);
  await t.rejects(open({ publish: "tcp://*:9940" }), { code: "ADDRESS_REFUSED" });
  await t.rejects(open({ publish: "tcp://127.0.0.1:0", inbound: face.addresses.inbound }), {
    code: "ADDRESS_IN_USE",
  });
  await t.rejects(open({ relay: "x" }), { code: "OPTIONS_INVALID" });
});
