import t from "tap";
import { BusPublisher } from "../../../bus/publisher/bus-publisher.js";
import { FedbusError } from "../../../schemas/errors.js";
import { settle, until } from "../turns.js";
import { bodiesIn, setUp } from "./set-up.js";
import { latch, silence } from "./steered-port.js";

// A silent port alone would let the process end while a publisher waits for it.
const alive = setInterval(() => {}, 1000);
t.teardown(() => clearInterval(alive));

t.test("publisher: what was sent and not answered in time is PUBLISH_UNKNOWN", async (t) => {
  const { log, port, publisher } = await setUp({ timeoutMs: 50 });
  port.after = silence;
  await t.rejects(publisher.publish("a.b", 1), { code: "PUBLISH_UNKNOWN" });
  t.match(await publisher.publishMany([{ topic: "a.b", msg: 2 }]), [
    { error: { code: "PUBLISH_UNKNOWN" } },
  ]);
  t.equal(log.head, 2, "it was stored all the same");
  await publisher.close();
});

t.test("publisher: what could not be sent in time is HUB_UNREACHABLE", async (t) => {
  const { log, publisher } = await setUp({ timeoutMs: 50 }, silence);
  await t.rejects(publisher.publish("a.b", 1), { code: "HUB_UNREACHABLE" });
  t.equal(log.head, 0);
  await publisher.drain();
  await publisher.close();
});

t.test("publisher: only what has waited too long is failed", async (t) => {
  const held = latch();
  const { publisher } = await setUp({ timeoutMs: 1500, batchEventsMax: 1 }, () => held.opened);
  let late = false;
  const first = publisher.publish("a.b", 1).catch((error: unknown) => {
    late = true;
    return error;
  });
  await new Promise((resolve) => setTimeout(resolve, 800));
  const second = publisher.publish("a.b", 2);
  await until(() => late);
  held.open();
  t.match(await first, { code: "HUB_UNREACHABLE" });
  t.equal(await second, 0);
  await publisher.close();
});

t.test("publisher: an event is not failed for being behind an older one", async (t) => {
  const { publisher } = await setUp({ timeoutMs: 1200 }, silence);
  const started = performance.now();
  const after = (promise: Promise<unknown>) => promise.catch(() => performance.now() - started);
  const first = after(publisher.publish("a.b", 1));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const second = after(publisher.publish("a.b", 2));
  t.ok(Number(await first) < 2200, "the older one does not wait for it");
  t.ok(Number(await second) >= 2200);
  await publisher.close();
});

t.test("publisher: idling for longer than the timeout fails nothing", async (t) => {
  const { port, publisher } = await setUp({ timeoutMs: 600 });
  await publisher.publish("a.b", 1);
  // The sweep looks four times a second; an event must be on its way when it does.
  await new Promise((resolve) => setTimeout(resolve, 700));
  port.before = () => new Promise((resolve) => setTimeout(resolve, 300));
  t.equal(await publisher.publish("a.b", 2), 1);
  await publisher.close();
});

t.test("publisher: a fenced one rejects everything in flight and all that comes", async (t) => {
  const { log, broker, port, publisher } = await setUp({ producer: "app", windowBatchesMax: 2 });
  await publisher.publish("a.b", "before");
  const held = latch();
  port.before = () => held.opened;
  const pending = [publisher.publish("a.b", 1)];
  await settle();
  pending.push(publisher.publish("a.b", 2));
  await settle();
  pending.push(publisher.publish("a.b", "queued"));
  for (const promise of pending) promise.catch(() => {});
  const twin = new BusPublisher(broker, { producer: "app" });
  await twin.publish("a.b", "twin");
  held.open();
  const fenced = { code: "PRODUCER_FENCED" };
  for (const promise of pending) await t.rejects(promise, fenced);
  await t.rejects(publisher.publish("a.b", 3), fenced);
  t.same(await bodiesIn(log), ["before", "twin"]);
  await t.rejects(publisher.drain(), fenced);
  await publisher.close();
  await twin.close();
});

t.test("publisher: a batch that is answered is not failed as well", async (t) => {
  const { port, publisher } = await setUp({ producer: "app", windowBatchesMax: 2 });
  await publisher.publish("a.b", 0);
  const [answered, resent] = [latch(), latch()];
  // The first attempt's answer is held; the second attempt fails only after it has come.
  const { opens } = port;
  let attempts = 0;
  port.before = async ({ seq }) => {
    if (seq === 2 && port.opens === opens) throw new FedbusError("HUB_UNREACHABLE", "lost");
    if (seq !== 1 || ++attempts === 1) return;
    answered.open();
    await resent.opened;
    throw new FedbusError("PUBLISH_UNKNOWN", "passed", { details: { expected: 3 } });
  };
  port.after = ({ seq }) => (seq === 1 && attempts === 1 ? answered.opened : undefined);
  const first = publisher.publish("a.b", 1);
  await settle();
  const second = publisher.publish("a.b", 2);
  t.equal(await first, 1);
  let drained = false;
  const third = publisher.publish("a.b", "x".repeat(100));
  void publisher.drain().then(() => {
    drained = true;
  });
  resent.open();
  t.equal(await second, 2);
  t.equal(await third, 3);
  await until(() => drained);
  await publisher.close();
});
