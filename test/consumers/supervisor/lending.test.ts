import { join } from "node:path";
import t from "tap";
import { borrowOwnership, openControl, takeOwnership } from "../../../consumers/index.js";
import { until } from "../../bus/turns.js";
import { counter, openWorkbench } from "./workbench.js";

t.test(
  "lending: a paused consumer is another's until that has done, and then is what it was made",
  async (t) => {
    const bench = await openWorkbench(t);
    const consumer = await bench.open(bench.plugin("a.js", counter("a")));
    const control = await openControl(consumer);
    t.teardown(() => control[Symbol.asyncDispose]());
    const named = { name: "a", home: consumer.home };
    await bench.publish(3);
    await until(() => consumer.status.handled === 3);
    await t.rejects(borrowOwnership(named), { code: "CONSUMER_IN_USE", message: /pause it first/ });
    await consumer.pause();
    const borrowed = await borrowOwnership(named);
    await t.rejects(borrowOwnership(named), { code: "CONSUMER_IN_USE", message: /lent already/ });
    await t.rejects(takeOwnership(named), { code: "CONSUMER_IN_USE" });
    const resumed = consumer.resume();
    t.equal(consumer.status.state, "paused", "it waits");
    const path = bench.plugin("b.js", counter("other", "", 'version: "2",'));
    const before = (await consumer.home.registration())!;
    await consumer.home.register({ ...before, path, version: "2" });
    await borrowed.release();
    await resumed;
    t.match(consumer.status, { name: "a", version: "2", path });
    await bench.publish(1, "in.a", 3);
    await until(async () => (await bench.bodies("out.other")).length === 1);
    t.match(await consumer.home.registration(), { path, paused: false });
  },
);

t.test("lending: one that is lent is closed without waiting, and left to who has it", async (t) => {
  const bench = await openWorkbench(t);
  const path = bench.plugin("a.js", counter("a"));
  const consumer = await bench.open(path);
  const named = { name: "a", home: consumer.home };
  const control = await openControl(consumer);
  await consumer.pause();
  const borrowed = await borrowOwnership(named);
  await control[Symbol.asyncDispose]();
  await consumer.close();
  await t.rejects(takeOwnership(named), { code: "CONSUMER_IN_USE" });
  await borrowed.release();
  const free = await borrowOwnership(named);
  await free.release();
  t.equal((await bench.open(path)).status.state, "paused");
});

t.test("lending: a plugin that cannot be used any more halts its consumer", async (t) => {
  const bench = await openWorkbench(t);
  const consumer = await bench.open(bench.plugin("a.js", counter("a")));
  const control = await openControl(consumer);
  t.teardown(() => control[Symbol.asyncDispose]());
  await consumer.pause();
  const borrowed = await borrowOwnership({ name: "a", home: consumer.home });
  const before = (await consumer.home.registration())!;
  const path = join(bench.dir, "gone.js");
  await consumer.home.register({ ...before, path });
  await borrowed.release();
  await until(() => consumer.status.state === "halted");
  t.match(consumer.status.error, { code: "PLUGIN_NOT_FOUND" });
});

t.test("supervisor: limits that are none are refused, all of them", async (t) => {
  const bench = await openWorkbench(t);
  const limits = { watchdogMs: Number.NaN, heap: 5 } as object;
  await t.rejects(bench.open(bench.plugin("a.js", counter("a")), { limits }), {
    code: "OPTIONS_INVALID",
    details: { problems: [/watchdogMs must be/, /heap is not an option/] },
  });
});
