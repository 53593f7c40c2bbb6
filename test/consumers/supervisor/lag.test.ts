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
