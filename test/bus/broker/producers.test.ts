import t from "tap";
import { encodeEnvelopes } from "../../../bus/block/encode-batch.js";
import { Broker } from "../../../bus/broker/broker.js";
import { Producers } from "../../../bus/broker/producers.js";
import type { BatchAnswer } from "../../../bus/log/event-log.js";
import { answersMax } from "../../../bus/log/event-log.js";
import { FedbusError } from "../../../schemas/errors.js";
import { batchOf, envelope } from "../batches.js";
import { SteeredLog } from "../steered-log.js";
import { settle } from "../turns.js";

const producer = "app";
const never = (): never => {
  throw new Error("the batch was taken");
};

/** A batch whose answer is at hand. */
function answered(
  seq: number,
  count: number,
): () => { count: number; answer: Promise<BatchAnswer> } {
  return () => ({ count, answer: Promise.resolve({ seq, count, firstOffset: seq, refused: [] }) });
}

t.test("producers: a resend gets the first answer, and is not taken again", async (t) => {
  const log = new SteeredLog();
  const producers = new Producers(log);
  const { epoch, nextSeq } = await producers.open({ producer });
  t.equal(nextSeq, 0);
  const first = await producers.take({ producer, epoch, seq: 0 }, answered(0, 3));
  t.equal(await producers.take({ producer, epoch, seq: 0 }, never), first);
  t.same(await producers.open({ producer, epoch }), { epoch, nextSeq: 3 });
});

t.test(
  "producers: a resend while the first is being written waits for the same answer",
  async (t) => {
    const producers = new Producers(new SteeredLog());
    const { epoch } = await producers.open({ producer });
    let finish: (answer: BatchAnswer) => void = () => {};
    const answer = new Promise<BatchAnswer>((resolve) => {
      finish = resolve;
    });
    const first = producers.take({ producer, epoch, seq: 0 }, () => ({ count: 1, answer }));
    const again = producers.take({ producer, epoch, seq: 0 }, never);
    const stored = { seq: 0, count: 1, firstOffset: 7, refused: [] };
    finish(stored);
    t.same(await Promise.all([first, again]), [stored, stored]);
  },
);

t.test("producers: a gap is refused with what was expected, and nothing is taken", async (t) => {
  const producers = new Producers(new SteeredLog());
  const { epoch } = await producers.open({ producer });
  await producers.take({ producer, epoch, seq: 0 }, answered(0, 2));
  for (const seq of [3, 4, 1000])
    await t.rejects(producers.take({ producer, epoch, seq }, never), {
      code: "SEQUENCE_GAP",
      details: { expected: 2, got: seq },
    });
  await producers.take({ producer, epoch, seq: 2 }, answered(2, 1));
});

t.test("producers: an older instance is fenced, and an epoch never given is unknown", async (t) => {
  const producers = new Producers(new SteeredLog());
  const old = await producers.open({ producer });
  const young = await producers.open({ producer });
  t.ok(young.epoch > old.epoch);
  const fenced = { code: "PRODUCER_FENCED" };
  await t.rejects(producers.take({ producer, epoch: old.epoch, seq: 0 }, never), fenced);
  await t.rejects(producers.open({ producer, epoch: old.epoch }), fenced);
  const unknown = { code: "PRODUCER_UNKNOWN" };
  await t.rejects(producers.take({ producer, epoch: young.epoch + 1, seq: 0 }, never), unknown);
  await t.rejects(producers.open({ producer, epoch: young.epoch + 1 }), unknown);
  await t.rejects(producers.take({ producer: "nobody", epoch: 1, seq: 0 }, never), unknown);
});

t.test("producers: keeps so many answers and not one more", async (t) => {
  const producers = new Producers(new SteeredLog());
  const { epoch } = await producers.open({ producer });
  for (let seq = 0; seq <= answersMax; seq++)
    await producers.take({ producer, epoch, seq }, answered(seq, 1));
  t.equal((await producers.take({ producer, epoch, seq: 1 }, never)).firstOffset, 1);
  const resend = producers.take({ producer, epoch, seq: 0 }, never);
  await t.rejects(resend, { code: "PUBLISH_UNKNOWN", details: { got: 0 } });
});

t.test("producers: names are 1 to 128 characters", async (t) => {
  const producers = new Producers(new SteeredLog());
  for (const wrong of ["", "x".repeat(129)])
    await t.rejects(producers.open({ producer: wrong }), { code: "OPTIONS_INVALID" });
  await producers.open({ producer: "x".repeat(128) });
});

t.test("producers: a full cache drops nobody whose batch the log does not have yet", async (t) => {
  const log = new SteeredLog();
  const producers = new Producers(log, 2);
  const { epoch } = await producers.open({ producer });
  let finish: (answer: BatchAnswer) => void = () => {};
  const answer = new Promise<BatchAnswer>((resolve) => {
    finish = resolve;
  });
  const first = producers.take({ producer, epoch, seq: 0 }, () => ({ count: 1, answer }));
  for (let other = 0; other < 10; other++) await producers.open({ producer: `other-${other}` });
  const again = producers.take({ producer, epoch, seq: 0 }, never);
  finish({ seq: 0, count: 1, firstOffset: 0, refused: [] });
  t.same(await again, await first);
});

t.test("broker: a failed commit is forgotten, and the resend is stored once", async (t) => {
  const log = new SteeredLog();
  const broker = await Broker.open(log);
  const { epoch } = await broker.openProducer({ producer });
  log.hold();
  log.failNext(new FedbusError("LOG_WRITE_FAILED", "no"));
  const send = (seq: number) => broker.publish({ producer, epoch, seq, block: batchOf(2) });
  const failing = [send(0)];
  await settle();
  failing.push(send(2));
  for (const promise of failing) promise.catch(() => {});
  log.release();
  for (const promise of failing) await t.rejects(promise, { code: "LOG_WRITE_FAILED" });
  await t.rejects(send(2), { code: "SEQUENCE_GAP" }, "the log never had what came before");
  t.equal((await send(0)).firstOffset, 0);
  t.equal((await send(2)).firstOffset, 2);
  t.equal((await send(0)).firstOffset, 0);
  t.equal(log.head, 4);
});

t.test("broker: a restart over the same log still knows the answers and the epoch", async (t) => {
  const log = new SteeredLog();
  const before = await Broker.open(log);
  const { epoch } = await before.openProducer({ producer });
  const block = encodeEnvelopes([envelope("a.b", 1), envelope("a..b", 2), envelope("a.b", 3)]);
  const first = await before.publish({ producer, epoch, seq: 0, block });
  await before.close();
  const after = await Broker.open(log);
  t.same(await after.publish({ producer, epoch, seq: 0, block }), first);
  t.match(first, { firstOffset: 0, count: 3, refused: [{ index: 1, code: "TOPIC_INVALID" }] });
  t.equal(log.head, 2);
  t.same(await after.openProducer({ producer, epoch }), { epoch, nextSeq: 3 });
});

t.test(
  "broker: a new instance starts behind what the older one has in the commit queue",
  async (t) => {
    const log = new SteeredLog();
    const broker = await Broker.open(log);
    const old = await broker.openProducer({ producer });
    log.hold();
    const queued = broker.publish({ producer, epoch: old.epoch, seq: 0, block: batchOf(3) });
    await settle();
    const opening = broker.openProducer({ producer });
    const late = broker.publish({ producer, epoch: old.epoch, seq: 3, block: batchOf(3) });
    late.catch(() => {});
    await settle();
    log.release();
    t.equal((await queued).firstOffset, 0);
    t.equal((await opening).nextSeq, 3, "a spooled copy of the queued batch is not sent again");
    await t.rejects(late, { code: "PRODUCER_FENCED" });
    t.equal(log.head, 3);
  },
);

t.test("broker: an all-refused batch before a stored one is not asked for for ever", async (t) => {
  const log = new SteeredLog();
  const before = await Broker.open(log);
  const { epoch } = await before.openProducer({ producer });
  const bad = encodeEnvelopes([envelope("a..b", 1)]);
  await before.publish({ producer, epoch, seq: 0, block: bad });
  await before.publish({ producer, epoch, seq: 1, block: batchOf(1) });
  await before.close();
  const after = await Broker.open(log);
  const resend = after.publish({ producer, epoch, seq: 0, block: bad });
  await t.rejects(resend, { code: "PUBLISH_UNKNOWN" });
});

t.test("broker: nobody else may be the bus's own producer", async (t) => {
  const broker = await Broker.open(new SteeredLog());
  const own = "fedbus";
  await t.rejects(broker.openProducer({ producer: own }), { code: "OPTIONS_INVALID" });
  const publish = broker.publish({ producer: own, epoch: 1, seq: 0, block: batchOf(1) });
  await t.rejects(publish, { code: "PRODUCER_FENCED" });
});

t.test("broker: after close everything is refused with CLOSED", async (t) => {
  const log = new SteeredLog();
  const broker = await Broker.open(log);
  const { epoch } = await broker.openProducer({ producer });
  const inFlight = broker.publish({ producer, epoch, seq: 0, block: batchOf(1) });
  await Promise.all([broker.close(), broker.close()]);
  t.equal((await inFlight).firstOffset, 0, "what was taken is finished");
  const closed = { code: "CLOSED" };
  await t.rejects(broker.publish({ producer, epoch, seq: 1, block: batchOf(1) }), closed);
  await t.rejects(broker.openProducer({ producer }), closed);
  await t.rejects(broker.registerSchema({ name: "a", version: 1, topics: [], schema: {} }), closed);
  await t.rejects(broker.trim({}), closed);
});
