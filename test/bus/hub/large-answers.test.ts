import t, { type Test } from "tap";
import { connect } from "../../../bus/client/connect.js";
import { Hub } from "../../../bus/hub/hub.js";
import { firstPage } from "../../../bus/hub/paging.js";
import { MemoryLog } from "../../../bus/log/memory-log.js";
import { decodeResponse, encodeResponse, idOfResponse } from "../../../bus/wire/control.js";
import { answerBytesMax, pageBytesMax } from "../../../bus/wire/limits.js";
import { openRouter } from "../../../bus/wire/sockets.js";

async function setUp(t: Test) {
  const hub = await Hub.open(new MemoryLog(), { listen: "tcp://127.0.0.1:0" });
  const bus = await connect(hub.url);
  t.teardown(async () => {
    await bus.close();
    await hub.close();
  });
  return { hub, bus };
}

t.test("answers: a thousand long refusals reach their publisher", async (t) => {
  const { bus } = await setUp(t);
  const values = Array.from({ length: 30 }, (_, n) => `a value of some length ${n}`);
  await bus.registerSchema({ name: "e", version: 1, topics: ["e"], schema: { enum: values } });
  await using publisher = bus.publisher({ timeoutMs: 20_000 });
  const events = Array.from({ length: 3000 }, () => ({ topic: "e", msg: "none of them" }));
  for (const outcome of await publisher.publishMany(events))
    t.match(outcome, { error: { code: "SCHEMA_VIOLATION" } });
});

t.test("answers: long lists of topics and schemas come in pages", async (t) => {
  const { bus } = await setUp(t);
  await using publisher = bus.publisher();
  const topics = Array.from({ length: 6000 }, (_, n) => `${10_000 + n}.${"t".repeat(200)}`);
  await publisher.publishMany(topics.map((topic) => ({ topic, msg: 1 })));
  t.same(
    (await bus.source.topics()).map((info) => info.topic),
    topics,
  );
  const schema = { description: "d".repeat(250 * 1024) };
  for (const version of [1, 2, 3, 4, 5])
    await bus.registerSchema({ name: "large", version, topics: ["large"], schema });
  t.same(
    (await bus.schemas()).map((listing) => listing.version),
    [1, 2, 3, 4, 5],
  );
});

t.test("answers: a page is full at its bound and not one byte before", async (t) => {
  const item = "x".repeat(pageBytesMax / 4 - 3);
  t.match(firstPage(Array(4).fill(item)), { items: { length: 4 }, done: true });
  t.match(firstPage(Array(5).fill(item)), { items: { length: 4 }, done: false });
  t.match(firstPage([...Array(3).fill(item), `${item}x`]), { items: { length: 3 }, done: false });
  t.match(firstPage([item.repeat(9), item]), { items: { length: 1 }, done: false });
});

t.test("answers: one past the limit is an error, and the asker is told", async (t) => {
  const rest = answerBytesMax - encodeResponse({ id: 7, result: "" }).length;
  const whole = encodeResponse({ id: 7, result: "x".repeat(rest) });
  t.equal(whole.length, answerBytesMax);
  t.match(decodeResponse(whole), { id: 7, result: /^x+$/ });
  const past = encodeResponse({ id: 7, result: "x".repeat(rest + 1) });
  t.match(decodeResponse(past), { id: 7, error: { code: "PROTOCOL_INVALID" } });
  t.equal(idOfResponse(Buffer.from('{"result":1}')), undefined);

  const router = openRouter();
  await router.bind("tcp://127.0.0.1:*");
  const bus = await connect(router.lastEndpoint!, { lazy: true });
  const asked = bus.stats();
  const [client, control] = await router.receive();
  const { id } = JSON.parse(control!.toString()) as { id: number };
  await router.send([client!, `{"id":${id},"result":"${"x".repeat(answerBytesMax)}"}`]);
  await t.rejects(asked, { code: "PROTOCOL_INVALID" });
  await bus.close();
  router.close();
});
