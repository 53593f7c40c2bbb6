import t from "tap";
import { Block } from "../../../bus/block/block.js";
import { encodeEnvelopes } from "../../../bus/block/encode-batch.js";
import { admit } from "../../../bus/broker/admission.js";
import { Broker } from "../../../bus/broker/broker.js";
import { SchemaStore } from "../../../bus/broker/schema-store.js";
import type { Logger } from "../../../bus/kernel/logger.js";
import { silentLogger } from "../../../bus/kernel/logger.js";
import { FedbusError } from "../../../schemas/errors.js";
import { EventGate, policyTopic, SchemaRegistry, schemaTopic } from "../../../schemas/index.js";
import { envelope } from "../batches.js";
import { CrashingLog } from "../crashing-log.js";
import { SteeredLog } from "../steered-log.js";
import { until } from "../turns.js";

const order = {
  name: "order.created",
  version: 1,
  topics: ["shop.order.created"],
  schema: { type: "object", required: ["id"] },
};

async function publish(broker: Broker, ...envelopes: string[]) {
  const producer = "app";
  const { epoch, nextSeq: seq } = await broker.openProducer({ producer });
  return await broker.publish({ producer, epoch, seq, block: encodeEnvelopes(envelopes) });
}

t.test("schemas: registering is an event, and a restart replays it", async (t) => {
  const log = new SteeredLog();
  const broker = await Broker.open(log);
  t.equal(await broker.registerSchema(order), 0);
  t.equal(await broker.registerSchema(order), -1, "the same once more stores nothing");
  t.equal(await broker.registerSchema({ ...order, version: 2 }), 1);
  const bad = envelope("shop.order.created", {});
  t.match(await publish(broker, bad), { refused: [{ code: "SCHEMA_VIOLATION" }] });
  await broker.close();
  const again = await Broker.open(log);
  t.same(again.schemas(), broker.schemas());
  t.match(await publish(again, bad), { refused: [{ code: "SCHEMA_VIOLATION" }] });
  t.equal(log.head, 2);
});

t.test("schemas: other content under a version that exists is SCHEMA_CONFLICT", async (t) => {
  const log = new SteeredLog();
  const broker = await Broker.open(log);
  await broker.registerSchema(order);
  const other = { ...order, schema: { type: "string" } };
  await t.rejects(broker.registerSchema(other), { code: "SCHEMA_CONFLICT" });
  const taken = { ...order, name: "other" };
  await t.rejects(broker.registerSchema(taken), { code: "SCHEMA_CONFLICT" });
  const broken = { ...order, version: 2, schema: { type: "no such type" } };
  await t.rejects(broker.registerSchema(broken), { code: "SCHEMA_INVALID" });
  t.equal(log.head, 1, "refused schemas leave no event");
});

t.test("schemas: two at once are one event, or one conflict", async (t) => {
  const log = new SteeredLog();
  const broker = await Broker.open(log);
  t.same(await Promise.all([broker.registerSchema(order), broker.registerSchema(order)]), [0, -1]);
  const versions = [{ type: "object" }, { required: ["id"] }].map((schema) =>
    broker.registerSchema({ ...order, version: 2, schema }),
  );
  t.match(await Promise.allSettled(versions), [
    { status: "fulfilled", value: 1 },
    { status: "rejected", reason: { code: "SCHEMA_CONFLICT" } },
  ]);
});

t.test("schemas: one that could not be stored is stored when it is registered again", async (t) => {
  const log = new SteeredLog();
  const broker = await Broker.open(log);
  log.failNext(new FedbusError("LOG_WRITE_FAILED", "no"));
  await t.rejects(broker.registerSchema(order), { code: "LOG_WRITE_FAILED" });
  t.equal(await broker.registerSchema(order), 0);
  t.equal(await broker.registerSchema(order), -1);
  t.equal((await SchemaStore.open(log)).list().length, 1);
});

t.test("schemas: an event that cannot be used does not prevent the start", async (t) => {
  const log = new SteeredLog();
  const unusable = [
    { ...order, schema: { type: "no such type" } },
    { ...order, schema: { pattern: "(?=lookahead)" } },
    { name: "no version" },
    null,
    { ...order, name: "fine", topics: ["other.topic"] },
  ];
  const gate = new EventGate({ registry: new SchemaRegistry(), allowReserved: true });
  const block = encodeEnvelopes(unusable.map((msg) => envelope(schemaTopic, msg)));
  const run = { id: "fedbus", epoch: 1, seq: 0 };
  await log.append([admit(gate, Block.decode(block), run).draft!]);
  const offsets: unknown[] = [];
  const logger: Logger = {
    ...silentLogger,
    error: (fields) => offsets.push((fields as { offset: number }).offset),
  };
  const broker = await Broker.open(log, { logger });
  t.same(offsets, [0, 1, 2, 3], "each is logged with its offset");
  t.same(
    broker.schemas().map((schema) => schema.name),
    ["fine"],
  );
  t.equal((await publish(broker, envelope("shop.order.created", {}))).firstOffset, 5);
  t.equal(await broker.registerSchema(order), 6, "the version can be registered anew");
  t.equal((await broker.trim({ before: 5 })).first, 5, "and they keep no trim from its work");
});

t.test("schemas: damaged and removed events in the log do not prevent the start", async (t) => {
  const log = new SteeredLog();
  const broker = await Broker.open(log);
  for (const version of [1, 2, 3]) await broker.registerSchema({ ...order, version });
  await broker.close();
  log.damage(0, 1);
  const damaged = await Broker.open(log);
  t.same(
    damaged.schemas().map((schema) => schema.version),
    [2, 3],
  );
  await damaged.trim({ pattern: "fedbus.#", before: 2 });
  t.equal(log.head, 5, "where retention removes one, all are stored anew");
  const trimmed = await Broker.open(log);
  t.same(trimmed.schemas(), damaged.schemas());
});

t.test("schemas: topics without one are accepted or refused, as the policy says", async (t) => {
  const refusing = await Broker.open(new SteeredLog(), { unknownTopics: "refuse" });
  await refusing.registerSchema(order);
  const answer = await publish(
    refusing,
    envelope("a.b", 1),
    envelope("shop.order.created", { id: 1 }),
  );
  t.match(answer, { firstOffset: 2, refused: [{ index: 0, code: "SCHEMA_REQUIRED" }] });
  const accepting = await Broker.open(new SteeredLog());
  t.equal((await publish(accepting, envelope("a.b", 1))).firstOffset, 0);
});

t.test("schemas: standing retention removes none, and an idle round stores none", async (t) => {
  const log = new SteeredLog();
  const retention = [{ countMax: 1 }];
  const first = await Broker.open(log);
  await first.registerSchema(order);
  await first.registerSchema({ ...order, version: 2 });
  await publish(first, envelope("other", 1));
  await first.close();
  for (const head of [5, 5]) {
    const broker = await Broker.open(log, { retention });
    await until(async () => (await log.stats()).events === 2);
    await broker.trim({ countMax: 1 });
    t.equal(broker.schemas().length, 2);
    await broker.close();
    t.equal(log.head, head);
  }
  const again = await Broker.open(log);
  t.same(again.schemas(), first.schemas());
  const bad = envelope("shop.order.created", {});
  t.match(await publish(again, bad), { refused: [{ code: "SCHEMA_VIOLATION" }] });
});

t.test("schemas: are stored anew before a trim removes them, by whatever limit", async (t) => {
  for (const limit of [
    { before: 1 },
    { countMax: 2 },
    { ageMsMax: 1 },
    { bytesMax: 1 },
    { pattern: "fedbus.*.*", before: 1 },
    { pattern: "fedbus.#", bytesMax: 1 },
  ]) {
    const log = new SteeredLog();
    const broker = await Broker.open(log);
    await broker.registerSchema(order);
    for (let n = 0; n < 3; n++) await publish(broker, envelope("other", n));
    log.trim = () => Promise.reject(new FedbusError("LOG_WRITE_FAILED", "killed here"));
    await t.rejects(broker.trim(limit), { code: "LOG_WRITE_FAILED" });
    t.equal(log.head, 5, JSON.stringify(limit));
    await t.rejects(broker.trim({ pattern: "other", before: 5 }), { code: "LOG_WRITE_FAILED" });
    t.equal(log.head, 5, "one that cannot reach them stores none");
  }
});

t.test("schemas: a trim leaves them even where they are all that there is", async (t) => {
  const log = new SteeredLog();
  const broker = await Broker.open(log);
  await broker.registerSchema(order);
  t.same(await broker.planTrim({ countMax: 0 }), await nothing(log));
  t.same(await broker.trim({ countMax: 0 }), { removed: 0, first: 0 });
  await publish(broker, envelope("other", 1));
  const { removed, first } = await broker.planTrim({ countMax: 0 });
  t.same(await broker.trim({ countMax: 0 }), { removed, first });
  t.same([removed, (await log.topics()).map(({ topic }) => topic)], [2, [schemaTopic]]);
  await broker.close();
  t.match((await Broker.open(log)).schemas(), [order]);
});

t.test("schemas: hold back no trim of a pattern that cannot reach them", async (t) => {
  const log = new SteeredLog();
  const broker = await Broker.open(log);
  await broker.registerSchema(order);
  for (let n = 0; n < 3; n++) await publish(broker, envelope("other", n));
  for (const limit of [{ before: 2 }, { countMax: 1 }, { bytesMax: 0 }]) {
    const { removed, first } = await broker.planTrim({ pattern: "other", ...limit });
    t.same([removed, first], [1, 0], JSON.stringify(limit));
    t.same(await broker.trim({ pattern: "other", ...limit }), { removed, first });
  }
  t.same(
    (await log.topics()).map(({ topic }) => topic),
    [schemaTopic],
  );
});

t.test("schemas: what the caller keeps, a plan keeps too", async (t) => {
  const log = new SteeredLog();
  const broker = await Broker.open(log);
  for (let n = 0; n < 3; n++) await publish(broker, envelope("other", n));
  const options = { countMax: 0, notPast: 2 };
  const { removed, first } = await broker.planTrim(options);
  t.same([removed, first], [2, 2]);
  t.same(await broker.trim(options), { removed, first });
});

async function nothing(log: SteeredLog) {
  return { removed: 0, bytes: 0, first: log.first, topicCount: 0, topics: [] };
}

t.test("schemas: others in the newest block do not stay with them", async (t) => {
  const log = new SteeredLog();
  const gate = new EventGate({ registry: new SchemaRegistry(), allowReserved: true });
  const events = [envelope("other", 0), envelope(schemaTopic, order), envelope("other", 1)];
  const block = Block.decode(encodeEnvelopes(events));
  await log.append([admit(gate, block, { id: "fedbus", epoch: 1, seq: 0 }).draft!]);
  const broker = await Broker.open(log);
  t.equal(broker.schemas().length, 1);
  await broker.trim({ countMax: 0 });
  t.same(
    (await log.topics()).map(({ topic }) => topic),
    [schemaTopic],
  );
  t.same((await SchemaStore.open(log)).list(), broker.schemas());
});

t.test("schemas: a crash at any step of a trim loses none, nor the policy", async (t) => {
  const limits = [
    { countMax: 0 },
    { before: 5 },
    { ageMsMax: 0 },
    { bytesMax: 0 },
    { pattern: "fedbus.#", countMax: 0 },
    { pattern: "fedbus.schema.*", before: 100 },
  ];
  let crashes = 0;
  for (const limit of limits)
    for (let step = 0, crashed = true; crashed; step++) {
      const log = new CrashingLog();
      const broker = await Broker.open(log, { unknownTopics: "refuse" });
      await broker.registerSchema({ ...order, topics: ["#"], schema: {} });
      await broker.registerSchema({ ...order, version: 2, topics: ["#"], schema: {} });
      await publish(broker, envelope("other", 1), envelope("other", 2));
      log.crashAt(step);
      await broker.trim(limit).catch(() => {});
      crashed = log.crashed;
      if (crashed) crashes++;
      const store = await SchemaStore.open(log);
      const told = `${JSON.stringify(limit)}, step ${step}`;
      t.same(store.list(), broker.schemas(), told);
      t.same(store.policy, { unknownTopics: "refuse" }, told);
    }
  t.ok(crashes >= limits.length * 2);
  t.comment(`${crashes} crashes, before and after each write of a trim: 0 schemas lost`);
});

t.test("schemas: the log keeps the policy that it was last run with", async (t) => {
  const log = new SteeredLog();
  const policyOf = async (unknownTopics?: "accept" | "refuse") => {
    const broker = await Broker.open(log, unknownTopics === undefined ? {} : { unknownTopics });
    const stats = await broker.stats();
    await broker.close();
    return [stats.unknownTopics, log.head];
  };
  t.same(await policyOf(), ["accept", 0]);
  t.same(await policyOf("accept"), ["accept", 0], "as a new log is run: no event");
  t.same(await policyOf("refuse"), ["refuse", 1]);
  t.same(await policyOf(), ["refuse", 1]);
  t.same(await policyOf("refuse"), ["refuse", 1]);
  t.same(await policyOf("accept"), ["accept", 2]);
  t.same(await policyOf(), ["accept", 2]);
  log.failNext(new FedbusError("LOG_WRITE_FAILED", "no"));
  t.same(await policyOf("refuse"), ["refuse", 2], "one that cannot be stored holds all the same");
  t.same(await policyOf(), ["accept", 2]);
});

t.test("schemas: a policy event that cannot be used is passed over", async (t) => {
  const log = new SteeredLog();
  const gate = new EventGate({ registry: new SchemaRegistry(), allowReserved: true });
  const bodies = [{ unknownTopics: "refuse" }, { unknownTopics: "perhaps" }, null];
  const block = encodeEnvelopes(bodies.map((msg) => envelope(policyTopic, msg)));
  await log.append([admit(gate, Block.decode(block), { id: "fedbus", epoch: 1, seq: 0 }).draft!]);
  t.same((await SchemaStore.open(log)).policy, { unknownTopics: "refuse" });
});
