import t from "tap";
import { connect } from "../../bus/client/connect.js";
import { Hub } from "../../bus/hub/hub.js";
import { LevelLog } from "../../bus/log/level/level-log.js";
import { MemoryLog } from "../../bus/log/memory-log.js";
import { openBus } from "../../bus/open-bus.js";
import { busSuite } from "./bus-suite.js";
import { SteeredLog } from "./steered-log.js";
import { until } from "./turns.js";

const small = { freeBytesMin: 0, ballastBytes: 0 };

t.test("in memory", async (t) => busSuite(t, () => openBus()));

t.test("in a directory", async (t) =>
  busSuite(t, (t) => openBus({ dir: t.testdir(), log: small })),
);

t.test("behind a hub, in memory", async (t) =>
  busSuite(t, async (t) => {
    const hub = await Hub.open(new MemoryLog(), { listen: "tcp://127.0.0.1:0" });
    t.teardown(() => hub.close());
    return await connect(hub.url);
  }),
);

t.test("behind a hub, in a directory", async (t) =>
  busSuite(t, async (t) => {
    const log = await LevelLog.open(t.testdir(), small);
    const hub = await Hub.open(log, { listen: "tcp://127.0.0.1:0" });
    t.teardown(async () => {
      await hub.close();
      await log.close();
    });
    return await connect(hub.url);
  }),
);

t.test(
  "bus: a directory keeps everything over a restart, and is one bus's at a time",
  async (t) => {
    const dir = t.testdir();
    const order = { name: "order", version: 1, topics: ["order"], schema: { type: "number" } };
    const first = await openBus({ dir, log: small });
    await first.registerSchema(order);
    const publisher = first.publisher();
    await publisher.publish("order", 1);
    await t.rejects(openBus({ dir, log: small }), { code: "LOG_IN_USE" });
    t.equal((await first.stats()).dir, dir);
    await first.close();
    await using second = await openBus({ dir, log: small });
    t.match(await second.schemas(), [order]);
    await using again = second.publisher();
    t.equal(await again.publish("order", 2), 2);
    await t.rejects(again.publish("order", "x"), { code: "SCHEMA_VIOLATION" });
  },
);

t.test("bus: schemas outlive the retention of their events", async (t) => {
  const dir = t.testdir();
  const order = { name: "order", version: 1, topics: ["order"], schema: { type: "number" } };
  const first = await openBus({ dir, log: small });
  await first.registerSchema(order);
  const publisher = first.publisher();
  await publisher.publish("order", 1);
  await first.trim({ before: 2 });
  await first.trim({ pattern: "fedbus.#", before: (await first.stats()).head });
  await first.close();
  await using second = await openBus({ dir, log: small });
  t.match(await second.schemas(), [order]);
});

t.test("bus: stats tell how far a trim is, also over a hub", async (t) => {
  const log = new SteeredLog();
  await using hub = await Hub.open(log, { listen: "tcp://127.0.0.1:0" });
  await using bus = await connect(hub.url);
  let end = (): void => {};
  log.trim = async ({ onProgress }) => {
    onProgress?.({ done: 3, total: 10 });
    await new Promise<void>((resolve) => {
      end = resolve;
    });
    return { removed: 0, first: 0 };
  };
  t.equal((await bus.stats()).trimming, undefined);
  const trimmed = bus.trim({ countMax: 1 });
  await until(async () => (await bus.stats()).trimming !== undefined);
  t.same((await bus.stats()).trimming, { done: 3, total: 10 });
  end();
  await trimmed;
  t.equal((await bus.stats()).trimming, undefined);
});
