import t from "tap";
import { controlOf, homeOf } from "../../../consumers/index.js";
import { until } from "../../bus/turns.js";
import { counter, openWorkbench } from "./workbench.js";

t.test("supervisor: what others publish, and a consumer itself, is no lag of its", async (t) => {
  const bench = await openWorkbench(t);
  const plugin = bench.plugin("a.js", counter("a"));
  await bench.publish(10);
  const once = await bench.open(plugin, { once: true });
  await once.ended();
  await once.close();
  await bench.publish(50, "other.b");
  const { head } = await bench.bus.source.info();
  const stored = await controlOf(homeOf(bench.dir, "a"), bench.bus.source);
  t.match(await stored.status(), { state: "stopped", head, offset: 10, lag: 0 });
  await bench.publish(1, "in.a", 10);
  t.match(await stored.status(), { head: head + 1, lag: head + 1 - 10 }, "one waits behind them");
  await stored.pause();
  const consumer = await bench.open(plugin);
  t.match(consumer.status, { state: "paused", lag: head + 1 - 10 });
  await consumer.resume();
  await until(() => consumer.status.handled === 11);
  await consumer.pause();
  await bench.publish(5, "other.b");
  await until(() => consumer.status.head === head + 7);
  t.match(consumer.status, { state: "paused", lag: 0 });
});

t.test("a consumer that has ended does not wait for what it has published itself", async (t) => {
  const bench = await openWorkbench(t);
  const plugin = bench.plugin("a.js", counter("a").replace('"in.#"', '"in.#", "out.#"'));
  await bench.publish(10);
  const once = await bench.open(plugin, { once: true });
  await once.ended();
  await once.close();
  const { head } = await bench.bus.source.info();
  t.ok(head >= 20, "its outputs came after what it has handled");
  const stored = await controlOf(homeOf(bench.dir, "a"), bench.bus.source);
  t.match(await stored.status(), { state: "stopped", offset: 10, lag: 0 });
  await bench.publish(1, "out.b");
  t.match(await stored.status(), { lag: head + 1 - 10 }, "it waits for what others publish");
});

t.test("supervisor: while a consumer starts, it is as far as its last run has come", async (t) => {
  const bench = await openWorkbench(t);
  const plugin = bench.plugin("a.js", counter("a", "", "key: (event) => String(event.msg.n),"));
  await bench.publish(10);
  const once = await bench.open(plugin, { once: true, parallelism: 2 });
  t.match(once.status, { state: "starting", offset: 0, lag: 10, handled: 0 });
  await once.ended();
  await once.close();
  await bench.publish(3, "in.a", 10);
  const { head } = await bench.bus.source.info();
  const consumer = await bench.open(plugin);
  const { status } = consumer;
  t.match(status, { state: "starting", offset: 10, lag: head - 10, handled: 10, outputs: 10 });
  t.match(status.partitions, [{ progress: { next: 10 } }, { progress: { next: 10 } }]);
});

t.test("supervisor: a consumer that rests or idles has no lag of its own outputs", async (t) => {
  const bench = await openWorkbench(t);
  const plugin = bench.plugin("a.js", counter("a").replace('"in.#"', '"in.#", "out.#"'));
  await bench.publish(10);
  const consumer = await bench.open(plugin);
  const counted = async () => (await bench.bodies("out.a")).length;
  await until(async () => (await counted()) === 10);
  await consumer.pause();
  const { head } = await bench.bus.source.info();
  await until(() => consumer.status.head === head);
  t.match(consumer.status, { state: "paused", lag: 0 });
  await bench.publish(1, "out.b", 10);
  await until(() => consumer.status.lag === head + 1 - consumer.status.offset);
  await consumer.resume();
  await until(() => consumer.status.handled === 11 && consumer.status.lag === 0);
  t.pass("what others publish on its topics is waited for, and handled");
});
