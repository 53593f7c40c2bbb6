import { join } from "node:path";
import t from "tap";
import { type Bus, openBus } from "../../bus/index.js";
import { ConsumerHome, consumer } from "../../consumers/index.js";
import { promote, Replay } from "../../replay/index.js";
import { harness } from "../../testing.js";
import { sha256Of } from "../bus/blobs/blob-suite.js";
import { until } from "../bus/turns.js";
import { scratch } from "../replay/scratch.js";
import { eventsOn, start } from "./running.js";
import { openWorkbench } from "./supervisor/workbench.js";

/** Puts what comes as a blob, and tells its name; says what an earlier one holds. */
const keeper = consumer({
  name: "keeper",
  topics: ["in"],
  async handle(event, { blobs, emit }) {
    const { text, ask } = event.msg as { text?: string; ask?: string };
    if (text !== undefined) emit("kept", { sha256: await blobs.put(Buffer.from(text)) });
    if (ask === undefined) return;
    const is = (await blobs.has(ask)) ? String(await blobs.get(ask)) : "nothing";
    emit("told", { is });
  },
});

const nameOf = (text: string): string => sha256Of(Buffer.from(text));

async function publish(bus: Bus, ...bodies: object[]): Promise<void> {
  await using publisher = bus.publisher();
  await publisher.publishMany(bodies.map((msg) => ({ topic: "in", msg })));
}

t.test("blobs of a consumer: put, then named by an event, in the harness", async (t) => {
  await using bench = await harness(keeper);
  t.match(await bench.feed("in", { text: "one" }), [
    { topic: "kept", msg: { sha256: nameOf("one") } },
  ]);
  t.equal(String(await bench.blobs.get(nameOf("one"))), "one");
  t.match(await bench.feed("in", { ask: nameOf("one") }), [{ msg: { is: "one" } }]);
  t.match(await bench.feed("in", { ask: nameOf("two") }), [{ msg: { is: "nothing" } }]);
});

t.test("blobs of a consumer: in a replay they stay with it, until it is promoted", async (t) => {
  const dir = scratch(t);
  await using bus = await openBus({ dir: join(dir, "log") });
  await publish(bus, { text: "live" });
  const running = start(bus, keeper, { dir: join(dir, "keeper") });
  await running.caughtUp();
  await running.stop();
  await publish(bus, { text: "later" }, { ask: nameOf("live") }, { ask: nameOf("later") });
  const options = { source: bus.source, consumer: keeper, dir: join(dir, "replay") };
  const replay = await Replay.open(options);
  await replay.run();
  t.same(
    (await replay.blobs.list()).map(({ sha256 }) => sha256).sort(),
    [nameOf("live"), nameOf("later")].sort(),
  );
  t.equal(await bus.blobs.has(nameOf("later")), false, "nothing of it is in the log's own storage");
  await promote({
    bus,
    replay,
    consumer: { name: "keeper", home: new ConsumerHome(join(dir, "keeper")) },
  });
  t.equal(String(await bus.blobs.get(nameOf("later"))), "later");
  const told = await eventsOn(bus, "told");
  t.same(
    told.map(({ msg }) => msg),
    [{ is: "live" }, { is: "later" }],
  );
});

t.test("blobs of a consumer: in a process of its own they go over the hub", async (t) => {
  const bench = await openWorkbench(t);
  const put = `const sha256 = await context.blobs.put(Buffer.alloc(2_500_000, String(n)));
    const bytes = (await context.blobs.get(sha256)).length;
    context.emit("kept", { sha256, bytes });`;
  const plugin = `import { consumer } from "fedbus/consumers";
export default consumer({
  name: "a",
  topics: ["in.a"],
  async handle(event, context) { const { n } = event.msg; ${put} },
});
`;
  await bench.open(bench.plugin("a.js", plugin));
  await bench.publish(2);
  await until(async () => (await bench.bodies("kept")).length === 2);
  const kept = await bench.bodies<{ sha256: string; bytes: number }>("kept");
  t.same(
    kept,
    [0, 1].map((n) => ({ sha256: sha256Of(Buffer.alloc(2_500_000, String(n))), bytes: 2_500_000 })),
  );
});
