import t from "tap";
import { envelope } from "../batches.js";
import { settle } from "../turns.js";
import { setUp } from "./set-up.js";
import { latch } from "./steered-port.js";

// A silent port alone would let the process end while a publisher waits for it.
const alive = setInterval(() => {}, 1000);
t.teardown(() => clearInterval(alive));

t.test("publisher: a batch is full at its bound of events or bytes", async (t) => {
  const { port, publisher } = await setUp({ batchEventsMax: 3 });
  const one = envelope("a.b", 1);
  await publisher.publishEnvelopes(Array(7).fill(one));
  t.same(port.batches, [3, 3, 1]);
  await publisher.close();
  const small = await setUp({ batchBytesMax: one.length * 2 });
  await small.publisher.publishEnvelopes(Array(5).fill(one));
  t.same(small.port.batches, [2, 2, 1], "two and their commas reach the bound");
  await small.publisher.close();
});

t.test("publisher: the window holds its bound of batches", async (t) => {
  for (const windowBatchesMax of [1, 3, 32]) {
    const { port, publisher } = await setUp({ windowBatchesMax, batchEventsMax: 1 });
    await publisher.publishMany(Array.from({ length: 100 }, (_, msg) => ({ topic: "a", msg })));
    t.equal(port.inFlightMost, windowBatchesMax);
    await publisher.close();
  }
});

t.test("publisher: QUEUE_FULL comes at the bound and not one byte below it", async (t) => {
  const one = envelope("a.b", 1);
  const bytes = one.length + 1;
  for (const [queueBytesMax, fits] of [
    [bytes + 1, true],
    [bytes, false],
  ] as const) {
    const held = latch();
    const { publisher } = await setUp({ queueBytesMax }, () => held.opened);
    const first = publisher.publishEnvelopes([one]);
    const second = publisher.publishEnvelopes([one]);
    const third = publisher.publish("a.b", 1);
    if (!fits) await t.rejects(second, { code: "QUEUE_FULL" });
    await t.rejects(third, { code: "QUEUE_FULL" });
    let ready = false;
    const waiting = publisher.ready().then(() => {
      ready = true;
    });
    await settle();
    t.equal(ready, false);
    held.open();
    await waiting;
    t.same(await first, [{ offset: 0 }]);
    if (fits) t.same(await second, [{ offset: 1 }]);
    await publisher.publish("a.b", 1);
    await publisher.close();
  }
});

t.test("publisher: each event of a call is held against the bound of the queue", async (t) => {
  const one = envelope("a.b", 1);
  const held = latch();
  const { publisher } = await setUp({ queueBytesMax: 3 * (one.length + 1) }, () => held.opened);
  const outcomes = publisher.publishEnvelopes(Array(5).fill(one));
  held.open();
  const full = { error: { code: "QUEUE_FULL" } };
  t.match(await outcomes, [{ offset: 0 }, { offset: 1 }, { offset: 2 }, full, full]);
  const many = Array.from({ length: 5 }, () => ({ topic: "a.b", msg: "x".repeat(200) }));
  t.match(await publisher.publishMany(many), [{ offset: 3 }, full, full, full, full]);
  await publisher.close();
});
