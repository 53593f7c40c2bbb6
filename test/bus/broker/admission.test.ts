import t from "tap";
import { Block } from "../../../bus/block/block.js";
import { encodeEnvelopes } from "../../../bus/block/encode-batch.js";
import { admit, decodeBatch } from "../../../bus/broker/admission.js";
import { Broker } from "../../../bus/broker/broker.js";
import { MemoryLog } from "../../../bus/log/memory-log.js";
import { batchBytesMax, batchEventsMax, blockBytesMax } from "../../../bus/wire/limits.js";
import { FedbusError } from "../../../schemas/errors.js";
import { EventGate, SchemaRegistry } from "../../../schemas/index.js";
import { batchOf, envelope } from "../batches.js";
import { SteeredLog } from "../steered-log.js";
import { settle } from "../turns.js";

const run = { id: "app", epoch: 1, seq: 10 };
const gate = () => new EventGate({ registry: new SchemaRegistry() });
const admitted = (envelopes: readonly (string | Buffer)[]) =>
  admit(gate(), Block.decode(encodeEnvelopes(envelopes)), run);

/** One bad event of each kind, and the code that it is refused with. */
const faults: readonly (readonly [string, string | Buffer, string])[] = [
  ["no JSON", "{", "JSON_INVALID"],
  ["two values", `${envelope("a.b", 1)},${envelope("a.b", 2)}`, "JSON_INVALID"],
  ["an array", "[1]", "EVENT_INVALID"],
  ["a bare number", "7", "EVENT_INVALID"],
  ["no topic", '{"msg":1}', "EVENT_INVALID"],
  ["no msg", '{"topic":"a.b"}', "EVENT_INVALID"],
  ["a topic outside the grammar", envelope("a..b", 1), "TOPIC_INVALID"],
  ["a reserved topic", envelope("fedbus.schema.registered", {}), "TOPIC_RESERVED"],
  ["not UTF-8", Buffer.from('{"topic":"a.b","msg":"\xff"}', "latin1"), "JSON_NOT_UTF8"],
  ["a key twice", '{"topic":"a.b","msg":{"k":1,"k":2}}', "JSON_DUPLICATE_KEY"],
  ["__proto__", '{"topic":"a.b","msg":{"__proto__":{}}}', "JSON_FORBIDDEN_KEY"],
  ["a number too large", '{"topic":"a.b","msg":1e400}', "JSON_NUMBER_UNSAFE"],
  ["too deep", `{"topic":"a.b","msg":${"[".repeat(40)}${"]".repeat(40)}}`, "JSON_TOO_DEEP"],
  ["too large", envelope("a.b", "x".repeat(300_000)), "EVENT_TOO_LARGE"],
];

t.test("admission: one bad event is refused alone, whatever is wrong with it", async (t) => {
  const good = [envelope("a.b", 1), envelope("a.c", 2), envelope("a.b", 3)];
  for (const [what, bad, code] of faults) {
    const { count, refused, draft } = admitted([good[0]!, bad, good[1]!, good[2]!]);
    t.equal(count, 4, what);
    t.match(refused, [{ index: 1, code }], what);
    t.equal(refused.length, 1);
    t.same(draft?.topics, ["a.b", "a.c"]);
    t.same([...draft!.topicIds], [0, 1, 0]);
    const bytes = draft!.body.subarray(draft!.count * 4).toString();
    t.equal(bytes, `[${good.join(",")}]`, "its neighbours' bytes are kept as they came");
    t.match(draft!.producers, [{ ...run, at: 0, count: 4, refused: [{ index: 1 }] }]);
  }
  t.comment(`${faults.length} kinds of bad events, each refused alone`);
});

t.test("admission: a batch of bad events only leaves nothing to store", async (t) => {
  const { count, refused, draft } = admitted(faults.map(([, bad]) => bad));
  t.equal(draft, undefined);
  t.equal(count, faults.length);
  t.same(
    refused.map(({ index, code }) => [index, code]),
    faults.map(([, , code], index) => [index, code]),
  );
});

t.test("admission: a batch of good events is kept byte for byte, without a copy", async (t) => {
  const block = Block.decode(batchOf(3));
  const { draft } = admit(gate(), block, run);
  t.equal(draft?.body, block.body);
  t.equal(draft?.bodyCrc, block.bodyCrc);
});

t.test("admission: a logged block, damaged bytes and foreign bytes are no batches", async (t) => {
  const good = batchOf(2);
  const log = new MemoryLog();
  const [logged] = await log.append([admit(gate(), Block.decode(good), run).draft!]);
  t.throws(() => decodeBatch(logged!.bytes), { code: "BLOCK_INVALID" });
  const damaged = Buffer.from(good);
  damaged[damaged.length - 5]! ^= 1;
  t.throws(() => decodeBatch(damaged), { code: "BLOCK_CORRUPT" });
  t.throws(() => decodeBatch(Buffer.from("hello")), { code: "BLOCK_INVALID" });
  t.throws(() => decodeBatch(Buffer.alloc(0)), { code: "BLOCK_INVALID" });
});

t.test("topic limit: holds at the bound, and refuses a whole batch one past it", async (t) => {
  const log = new MemoryLog();
  const broker = await Broker.open(log, { topicsMax: 3 });
  const producer = "app";
  const { epoch } = await broker.openProducer({ producer });
  let seq = 0;
  const send = async (...topics: string[]) => {
    const block = encodeEnvelopes(topics.map((topic) => envelope(topic, 1)));
    const answer = await broker.publish({ producer, epoch, seq, block });
    seq += topics.length;
    return answer.refused.map(({ index, code }) => [index, code]);
  };
  t.same(await send("a", "b"), []);
  t.same(await send("c", "a"), []);
  t.same(await send("a", "x y", "d"), [
    [0, "TOPIC_LIMIT"],
    [1, "TOPIC_INVALID"],
    [2, "TOPIC_LIMIT"],
  ]);
  t.same(await send("a", "b", "c"), [], "known topics go on");
  t.equal(log.head, 7);
  await broker.close();
  const again = await Broker.open(log, { topicsMax: 3 });
  const opened = await again.openProducer({ producer });
  const block = encodeEnvelopes([envelope("d", 1)]);
  const answer = await again.publish({ producer, ...opened, seq: opened.nextSeq, block });
  t.match(answer, { firstOffset: -1, refused: [{ code: "TOPIC_LIMIT" }] }, "also after a restart");
});

t.test("admission: a batch has so many events and bytes, and not one more", async (t) => {
  t.equal(decodeBatch(batchOf(batchEventsMax)).count, batchEventsMax);
  const invalid = { code: "BLOCK_INVALID", message: /at most/ };
  t.throws(() => decodeBatch(batchOf(batchEventsMax + 1)), invalid);
  const sized = (bytes: number) => encodeEnvelopes([envelope("a.b", "x".repeat(bytes))]);
  const rest = batchBytesMax - sized(0).length;
  t.equal(decodeBatch(sized(rest)).count, 1);
  t.throws(() => decodeBatch(sized(rest + 1)), invalid);
});

t.test("admission: whatever is refused, a stored block fits a frame", async (t) => {
  const log = new MemoryLog();
  const broker = await Broker.open(log);
  const { epoch } = await broker.openProducer({ producer: "p" });
  const bad = Array.from({ length: batchEventsMax - 1 }, () => envelope("a..b", "x".repeat(80)));
  let seq = 0;
  const send = (events: readonly string[]) => {
    const block = encodeEnvelopes(events);
    const answer = broker.publish({ producer: "p", epoch, seq, block });
    seq += events.length;
    return answer;
  };
  const answers = await Promise.all([0, 1, 2, 3].map(() => send([envelope("a.b", 1), ...bad])));
  for (const answer of answers) {
    t.equal(answer.refused.length, bad.length);
    t.match(answer.refused.at(-1), { index: bad.length, code: "TOPIC_INVALID" });
    t.ok(JSON.stringify(answer).length < 1.3 * 1024 * 1024, "and an answer does too");
  }
  const topics = Array.from({ length: 7000 }, (_, n) => envelope(`${n}${"t".repeat(180)}`, 1));
  await send([...topics, ...bad.slice(topics.length)]);
  const { blocks } = await log.read({ from: 0, bytesMax: 2 ** 30 });
  for (const block of blocks) t.ok(block.bytes.length < blockBytesMax, `${block.bytes.length}`);
  t.ok(blocks.length >= 4, "refusals of several batches are not piled up in one block");
});

t.test("admission: what a refusal quotes of the event is cut", async (t) => {
  const key = "k".repeat(100_000);
  const registry = new SchemaRegistry();
  registry.register({
    name: "closed",
    version: 1,
    topics: ["a.c"],
    schema: { additionalProperties: false },
  });
  const events = [
    `{"topic":"a.b","msg":{"${key}":1,"${key}":2}}`,
    `{"topic":"a.b","msg":{"${key}":{"__proto__":1}}}`,
    `{"topic":"a.b","msg":{"${key}":1e400}}`,
    `{"topic":"a.c","msg":{"${key}":1}}`,
    `{"topic":"a.b","msg":1,"headers":{"schema":"${key}"}}`,
  ];
  const block = Block.decode(encodeEnvelopes(events));
  const { refused } = admit(new EventGate({ registry }), block, run);
  t.equal(refused.length, events.length);
  for (const refusal of refused) t.ok(JSON.stringify(refusal).length < 2000, refusal.code);
});

t.test("topic limit: topics that are trimmed, or were never stored, do not count", async (t) => {
  const log = new SteeredLog();
  const broker = await Broker.open(log, { topicsMax: 1 });
  let seq = 0;
  const { epoch } = await broker.openProducer({ producer: "p" });
  const send = (topic: string) =>
    broker.publish({ producer: "p", epoch, seq: seq++, block: batchOf(1, topic) });
  log.failNext(new FedbusError("LOG_WRITE_FAILED", "no"));
  await t.rejects(send("never.stored"), { code: "LOG_WRITE_FAILED" });
  seq = 0;
  await settle();
  t.match(await send("a"), { firstOffset: 0 });
  t.match(await send("b"), { refused: [{ code: "TOPIC_LIMIT" }] });
  await broker.trim({ before: 1 });
  t.match(await send("b"), { firstOffset: 1 });
  t.match(await send("a"), { refused: [{ code: "TOPIC_LIMIT" }] });
  await broker.close();
});
