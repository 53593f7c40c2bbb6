import { writeFileSync } from "node:fs";
import t from "tap";
import { connect } from "../../../bus/index.js";
import { statusDetails } from "../../../cli/consumers/render-status.js";
import { controlOf, existingHome, homeOf, Supervisor } from "../../../consumers/index.js";
import { Child } from "../../bus/child.js";
import { freeUrl } from "../../bus/ports.js";
import { until } from "../../bus/turns.js";
import { linearFile, promote } from "../serve/models.js";
import { counter, openWorkbench } from "./workbench.js";

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => from + index);

t.test("supervisor: runs history and then what comes, and tells how it is", async (t) => {
  const bench = await openWorkbench(t);
  await bench.publish(50);
  const consumer = await bench.open(bench.plugin("a.js", counter("a", "", 'version: "7",')));
  await until(() => consumer.status.handled === 50);
  await bench.publish(10, "in.b", 50);
  await until(() => consumer.status.handled === 60);
  await until(async () => (await bench.bodies("out.a")).length === 60);
  await until(() => consumer.status.lag === 0);
  t.match(consumer.status, {
    name: "a",
    version: "7",
    state: "running",
    parallelism: 1,
    outputs: 60,
    deadLetters: 0,
    restarts: 0,
    partitions: [{ state: "running", progress: { handled: 60 } }],
  });
  t.same(
    (await bench.bodies<{ n: number }>("out.a")).map(({ n }) => n),
    numbers(0, 60),
  );
});

t.test("supervisor: what a plugin prints is logged line by line", async (t) => {
  const bench = await openWorkbench(t);
  const print = `console.log("one\\ntwo"); console.error("x".repeat(20_000)); context.logger.info({ n }, "three");`;
  await bench.open(bench.plugin("a.js", counter("a", print)));
  await bench.publish(1);
  // A machine that is busy may take its time to import it, which is told as well.
  const told = (): string[] => bench.logged.filter((line) => line.startsWith("a:"));
  await until(() => told().length >= 4);
  t.same(told().sort(), ["a: one", "a: three", "a: two", `a: ${"x".repeat(8_192)}...`]);
});

t.test(
  "supervisor: its processes get the environment and directory that they are given",
  async (t) => {
    const bench = await openWorkbench(t);
    const look = `context.emit("env", { env: process.env, cwd: process.cwd() });`;
    await bench.open(bench.plugin("a.js", counter("a", look)), { env: { KEY: "value" } });
    await bench.publish(1);
    await until(async () => (await bench.bodies("env")).length === 1);
    const [{ env, cwd } = { env: {}, cwd: "" }] = await bench.bodies<{ env: object; cwd: string }>(
      "env",
    );
    t.match(env, { KEY: "value" });
    t.notOk("PATH" in env || "HOME" in env || "NODE_OPTIONS" in env, Object.keys(env).join(" "));
    t.match(cwd, /consumers.a.work$/);
  },
);

t.test(
  "supervisor: paused it handles nothing, also when started anew; resumed it goes on",
  async (t) => {
    const bench = await openWorkbench(t);
    const plugin = bench.plugin("a.js", counter("a"));
    const first = await bench.open(plugin);
    await bench.publish(10);
    await until(() => first.status.handled === 10);
    await first.pause();
    const { offset } = first.status;
    t.ok(offset >= 10, `it is at ${offset}`);
    const rest = { state: "paused", offset, handled: 10, topics: ["in.#"] };
    t.match(first.status, rest);
    await bench.publish(10, "in.a", 10);
    await first.close();
    const stored = await controlOf(homeOf(bench.dir, "a"), bench.bus.source);
    const { head } = await bench.bus.source.info();
    t.match(await stored.status(), { ...rest, lag: head - offset }, "nobody runs it");
    const second = await bench.open(plugin);
    t.match(second.status, { ...rest, lag: head - offset });
    await second.resume();
    await until(() => second.status.handled === 20);
    await until(async () => (await bench.bodies("out.a")).length === 20);
    t.same(
      (await bench.bodies<{ n: number }>("out.a")).map(({ n }) => n),
      numbers(0, 20),
    );
  },
);

t.test("supervisor: tells what waits for a model, until there is one", async (t) => {
  const bench = await openWorkbench(t);
  const consumer = await bench.open(
    bench.plugin(
      "a.js",
      `import { serve } from "fedbus/consumers";
export default serve({ name: "a", topics: ["in.#"], model: "demo", output: "out.a" });
`,
    ),
  );
  await bench.publish(2);
  await until(() => consumer.status.notes !== undefined);
  await until(() => consumer.status.offset >= 2);
  t.same(consumer.status.notes, [
    "2 events wait for a model: none that can be used is promoted as demo",
  ]);
  t.match(statusDetails(consumer.status), /note +2 events wait for a model/);
  await until(() => bench.logged.some((line) => line.includes("fedbus model list demo")));
  await promote(bench.bus, "demo", linearFile({ paths: ["msg.n", "msg.n"] }));
  await until(() => consumer.status.outputs === 3);
  await until(() => consumer.status.notes === undefined);
  t.equal((await bench.bodies("out.a")).length, 2);
});

t.test("supervisor: a plugin's note may fail, be too long or be no text", async (t) => {
  const bench = await openWorkbench(t);
  const notes = `note() {
    this.asked = (this.asked ?? 0) + 1;
    if (this.asked === 1) throw new Error("no");
    return this.asked === 2 ? 7 : "x".repeat(2_000);
  },`;
  const consumer = await bench.open(bench.plugin("a.js", counter("a", "", notes)));
  await bench.publish(1);
  await until(() => consumer.status.notes !== undefined && consumer.status.handled === 1);
  t.same(consumer.status.notes, ["x".repeat(1_000)]);
  t.match(consumer.status, { state: "running", handled: 1, restarts: 0 });
});

t.test("supervisor: reset drops the state, rewind keeps it", async (t) => {
  const bench = await openWorkbench(t);
  const consumer = await bench.open(bench.plugin("a.js", counter("a")));
  const count = async () => (await consumer.query({ table: "state", key: "count" }))[0]?.value;
  await bench.publish(10);
  await until(() => consumer.status.handled === 10);
  await consumer.rewind({ offset: 5 });
  await until(() => consumer.status.handled === 15);
  t.equal(await count(), 15);
  await consumer.reset({ offset: 8 });
  await until(() => consumer.status.handled === 2);
  t.equal(await count(), 2);
  await until(async () => (await bench.bodies("out.a")).length === 17);
  await consumer.pause();
  t.equal(await count(), 2, "state is read also while nothing runs");
  await t.rejects(consumer.rewind({ offset: 1_000 }), { code: "OFFSET_INVALID" });
});

t.test("supervisor: a consumer that has not begun yet begins where it is moved to", async (t) => {
  const bench = await openWorkbench(t);
  await bench.publish(10);
  const path = bench.plugin("a.js", counter("a"));
  const { home } = homeOf(bench.dir, "a");
  await home.register({ path, version: "0", config: {}, startAt: 0, paused: true });
  const control = await controlOf(homeOf(bench.dir, "a"), bench.bus.source);
  await control.rewind({ offset: 7 });
  t.match(await control.status(), { state: "paused", offset: 7 });
  const consumer = await bench.open(path);
  await consumer.rewind({ offset: 8 });
  t.match(consumer.status, { state: "paused", offset: 8 });
  await consumer.resume();
  await until(() => consumer.status.lag === 0);
  t.equal(consumer.status.handled, 2);
});

t.test("supervisor: one process runs a consumer; others steer it through that one", async (t) => {
  const bench = await openWorkbench(t);
  const plugin = bench.plugin("a.js", counter("a"));
  const consumer = await bench.open(plugin);
  await t.rejects(bench.open(plugin), { code: "CONSUMER_IN_USE", details: { pid: process.pid } });
  t.equal((await bench.open(plugin, { name: "b" })).name, "b", "under another name it is another");
  const control = await controlOf(homeOf(bench.dir, "a"), bench.bus.source);
  await t.rejects(control.status(), { code: "CONSUMER_BUSY" }, "nobody listens yet");
  await consumer.close();
  await t.rejects(consumer.resume(), { code: "CLOSED" });
  t.match(await (await controlOf(homeOf(bench.dir, "a"), bench.bus.source)).status(), {
    state: "stopped",
  });
  await t.rejects(existingHome(bench.dir, "c"), { code: "CONSUMER_UNKNOWN", message: /a, b/ });
});

t.test("supervisor: a consumer that keeps dying is left alone until it is resumed", async (t) => {
  const bench = await openWorkbench(t);
  const path = bench.plugin("a.js", counter("a"));
  const dying = `import { existsSync } from "node:fs";
if (process.send && process.argv.length && existsSync(${JSON.stringify(`${path}.kill`)})) setTimeout(() => process.exit(9), 20);
`;
  const consumer = await bench.open(path, { limits: { deathsMax: 3, restartMsMax: 1 } });
  await bench.publish(5);
  await until(() => consumer.status.handled === 5);
  await consumer.pause();
  bench.plugin("a.js", dying + counter("a"));
  bench.plugin("a.js.kill", "");
  await consumer.resume();
  await until(() => consumer.status.state === "broken");
  t.match(consumer.status, {
    error: { code: "CONSUMER_DIED", message: /exited with code 9/ },
    // Attempts at one event may each cost a process: three more than those, at least.
    partitions: [{ restarts: 7 }],
  });
  bench.plugin("a.js", counter("a"));
  await consumer.resume();
  await bench.publish(5, "in.a", 5);
  await until(() => consumer.status.handled === 10);
});

t.test("supervisor: a consumer that halts says why, and goes on where it was", async (t) => {
  const bench = await openWorkbench(t);
  const fails = counter(
    "a",
    `if (n === 3) throw new Error("not this one");`,
    `onFailure: "halt", attemptsMax: 2,`,
  );
  const consumer = await bench.open(bench.plugin("a.js", fails));
  await bench.publish(6);
  await until(() => consumer.status.state === "halted");
  t.match(consumer.status, { handled: 3, error: { code: "CONSUMER_HALTED", message: /event 3/ } });
  bench.plugin("a.js", counter("a"));
  await consumer.resume();
  await until(() => consumer.status.handled === 6);
});

t.test("supervisor: plugins that cannot be used are refused without harm", async (t) => {
  const bench = await openWorkbench(t);
  const refused = (name: string, source: string, message: RegExp, options = {}) =>
    t.rejects(bench.open(bench.plugin(name, source), options), { message }, name);
  await refused("syntax.js", "export default {{", /Unexpected token/);
  await refused("exits.js", "process.exit(4);", /its process ended \(4\) while it was imported/);
  await refused("loops.js", "for (;;) {}", /within 1500 ms.*look for a loop/, {
    limits: { startMs: 1_500 },
  });
  await refused("key.js", counter("key"), /no key to divide/, { parallelism: 2 });
  await refused("many.js", counter("many", "", 'key: () => "a",'), /65 processes/, {
    parallelism: 65,
  });
  await refused("config.js", counter("config"), /there is no setting "a"/, { config: { a: 1 } });
});

t.test("supervisor: outlasts its hub, and what comes after is handled", async (t) => {
  const dir = `${t.testdir()}/log`;
  const url = await freeUrl();
  const start = () => Child.start("hub-child", { dir, url });
  let hub = await start();
  const bus = await connect(url);
  const plugin = `${t.testdirName}/a.js`;
  writeFileSync(plugin, counter("a"));
  const options = { dir, url, plugin, source: bus.source, cwd: t.testdirName };
  const limits = { restartMsMax: 100 };
  const consumer = await Supervisor.open({ ...options, limits });
  t.teardown(async () => {
    await consumer.close();
    await bus.close();
    await hub.kill();
  });
  const publisher = bus.publisher();
  await publisher.publish("in.a", { n: 1 });
  await until(() => consumer.status.handled === 1);
  await hub.kill();
  await until(() => consumer.status.head === undefined);
  // A process that starts meanwhile finds no hub, which is not its fault.
  process.kill(consumer.status.partitions[0]!.pid!, "SIGKILL");
  await until(() => consumer.status.error?.code === "HUB_UNREACHABLE");
  hub = await start();
  await publisher.publish("in.a", { n: 2 });
  await until(() => consumer.status.handled === 2);
  t.match(consumer.status, { state: "running", handled: 2, deadLetters: 0 });
});

t.test(
  "supervisor: many commands at once take turns over a consumer that nobody runs",
  async (t) => {
    const bench = await openWorkbench(t);
    const consumer = await bench.open(bench.plugin("a.js", counter("a")));
    await bench.publish(3);
    await until(() => consumer.status.handled === 3);
    await consumer.close();
    const controls = await Promise.all(
      Array.from({ length: 8 }, () => controlOf(homeOf(bench.dir, "a"), bench.bus.source)),
    );
    const statuses = await Promise.all(controls.map((control) => control.status()));
    t.same(new Set(statuses.map(({ handled }) => handled)), new Set([3]));
    // What a process that died has left, and what one was just writing when it did.
    const file = `${bench.dir}/consumers/a/supervisor.json`;
    for (const left of [`{"pid":999999999,"started":"long ago"}`, "{"]) {
      writeFileSync(file, left);
      t.match(await controls[0]?.status(), { handled: 3, state: "stopped" }, left);
    }
  },
);
