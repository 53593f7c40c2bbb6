import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { until } from "../../bus/turns.js";
import { counter, openWorkbench } from "./workbench.js";

t.test("supervisor: what a plugin sends to it does no harm", async (t) => {
  const bench = await openWorkbench(t);
  const send = `for (const message of [
      { kind: "log", level: "__proto__", fields: {}, message: "x" }, { kind: "failed" },
      { kind: "progress", progress: null }, { kind: "answer", id: 0, error: 7 }, null, "x",
    ]) process.send(message);`;
  const consumer = await bench.open(bench.plugin("a.js", counter("a", send)));
  await bench.publish(3);
  await until(() => consumer.status.handled === 3);
  t.match(consumer.status, { state: "running", restarts: 0 });
});

t.test("supervisor: a plugin that logs without end is cut short", async (t) => {
  const bench = await openWorkbench(t);
  const shout = `for (let i = 0; i < 5_000; i++) context.logger.info({ i }, "x".repeat(100));`;
  const limits = { linesPerSecondMax: 10, lineLengthMax: 20 };
  const consumer = await bench.open(bench.plugin("a.js", counter("a", shout)), { limits });
  await bench.publish(1);
  await until(() => consumer.status.handled === 1);
  await consumer.close();
  t.ok(bench.logged.length < 1_000, `${bench.logged.length} of 5,000 were told`);
  t.ok(bench.logged.includes(`a: ${"x".repeat(20)}`), "long ones are cut");
  t.ok(bench.logged.includes("a: more was logged, and left out"));
});

t.test("supervisor: a process that cannot be started is tried again", async (t) => {
  const bench = await openWorkbench(t);
  const limits = { restartMsMax: 10, deathsMax: 3 };
  const consumer = await bench.open(bench.plugin("a.js", counter("a")), { limits });
  await consumer.pause();
  const work = join(consumer.home.dir, "work");
  rmSync(work, { recursive: true });
  writeFileSync(work, "in the way");
  await consumer.resume();
  await until(() => consumer.status.state === "broken");
  t.match(consumer.status.error, {
    code: "CONSUMER_DIED",
    message: /could not be started.*EEXIST/,
  });
  rmSync(work);
  mkdirSync(work);
  // Now the working directory is there, and the program is not.
  const { execPath } = process;
  process.execPath = join(work, "no-such-program");
  t.teardown(() => {
    process.execPath = execPath;
  });
  await consumer.resume();
  t.match(consumer.status, {
    state: "halted",
    error: { code: "PLUGIN_INVALID", message: /ENOENT/ },
  });
  process.execPath = execPath;
  await consumer.resume();
  await bench.publish(2);
  await until(() => consumer.status.handled === 2);
});

t.test("supervisor: closing does not wait for a plugin whose import does not end", async (t) => {
  const bench = await openWorkbench(t);
  const consumer = await bench.open(bench.plugin("a.js", counter("a")));
  await consumer.pause();
  bench.plugin("a.js", "for (;;) {}");
  const resumed = t.rejects(consumer.resume(), { code: "CLOSED" });
  await until(() => bench.logged.some((line) => line.includes("still importing it")));
  await consumer.close();
  await resumed;
});
