import t from "tap";
import { until } from "../../bus/turns.js";
import { counter, openWorkbench } from "./workbench.js";

t.test("deploying: after pause and resume the new version runs, and is told", async (t) => {
  const bench = await openWorkbench(t);
  const consumer = await bench.open(bench.plugin("a.js", counter("a", "", 'version: "1",')));
  await bench.publish(1);
  await until(() => consumer.status.handled === 1);
  t.match(consumer.status, { version: "1" });
  await consumer.pause();
  const emit = 'context.emit("out.new", { n });';
  bench.plugin("a.js", counter("a", emit, 'version: "2",'));
  await consumer.resume();
  t.match(consumer.status, { version: "2" });
  t.match(await consumer.home.registration(), { version: "2", paused: false });
  await bench.publish(1, "in.a", 1);
  await until(async () => (await bench.bodies("out.new")).length === 1);

  await consumer.pause();
  bench.plugin("a.js", "export default 7;");
  await consumer.resume();
  t.match(consumer.status, { state: "halted", error: { code: "PLUGIN_INVALID" } });
  bench.plugin("a.js", counter("a", emit, 'version: "3",'));
  await consumer.resume();
  await bench.publish(1, "in.a", 2);
  await until(async () => (await bench.bodies("out.new")).length === 2);
  t.match(consumer.status, { version: "3" });
});
