import { join } from "node:path";
import t, { type Test } from "tap";
import { type Bus, openBus, type StartAt } from "../../../bus/index.js";
import {
  type Consumer,
  ConsumerHome,
  controlOf,
  type RunConsumerOptions,
} from "../../../consumers/index.js";
import { divideAnew, meetingPoint } from "../../../consumers/supervisor/rescale.js";
import { promote, Replay, storedPlace, whatIf } from "../../../replay/index.js";
import { patienceMs } from "../../bus/seed.js";
import { eventsOn, memoryBus, start } from "../../consumers/running.js";
import { scratch } from "../scratch.js";
import { alarms } from "./alarms.js";

t.setTimeout(patienceMs);

/** A consumer's directory, and readings from 0 to 99 twice for it to handle. */
async function opened(t: Test) {
  const bus = await memoryBus(t);
  await publish(bus, 200);
  const dir = scratch(t);
  const named = { name: "alarms", home: new ConsumerHome(dir) };
  const run = async (plugin: Consumer, options: Partial<RunConsumerOptions> = {}) => {
    const running = start(bus, plugin, { dir, ...options });
    await running.caughtUp();
    await running.stop();
  };
  const control = () => controlOf(named, bus.source);
  return { bus, dir, named, run, control };
}

async function publish(bus: Bus, count: number): Promise<void> {
  await using publisher = bus.publisher();
  const events = Array.from({ length: count }, (_, index) => ({
    topic: `sensor.${index % 3}`,
    msg: { value: index % 100 },
  }));
  await publisher.publishMany(events);
}

type Opened = Awaited<ReturnType<typeof opened>>;

/** What `plugin` would have published instead of what the consumer has. */
async function compared({ bus, dir, named }: Opened, plugin: Consumer) {
  const { lineage } = (await named.home.current())!;
  const place = await storedPlace(named);
  return await whatIf({
    source: bus.source,
    consumer: plugin,
    against: { name: named.name, ...(place && { place }), ...(lineage && { lineage }) },
    dir: join(dir, "w"),
  });
}

const none = { added: 0, dropped: 0, changed: 0 };

t.test("what-if: what was published before a reset does not count", async (t) => {
  const parts = await opened(t);
  await parts.run(alarms(50));
  await (await parts.control()).reset("earliest");
  await parts.run(alarms(60));
  t.equal((await eventsOn(parts.bus, "alarm.raised")).length, 2 * 49 + 2 * 39);
  const { totals } = await compared(parts, alarms(60));
  t.same(totals, { ...none, same: 2 * 39 });
});

t.test("what-if: what came of events after the place of a rewind does not count", async (t) => {
  const parts = await opened(t);
  await parts.run(alarms(50));
  const rewind = async (to: StartAt) => (await parts.control()).rewind(to);
  await rewind({ offset: 100 });
  await parts.run(alarms(60));
  const once = await compared(parts, alarms(60));
  t.same(once.totals, { ...none, same: 39 + 39, dropped: 10 }, "51 to 60, before offset 100");
  await rewind({ offset: 180 });
  await parts.run(alarms(90));
  const twice = await compared(parts, alarms(90));
  t.same(twice.totals, { ...none, same: 9 + 9, dropped: 40 + 19 }, "51 to 90, then 61 to 79");
  await rewind({ offset: 0 });
  await parts.run(alarms(50));
  t.same((await compared(parts, alarms(50))).totals, { ...none, same: 2 * 49 });
  t.equal((await parts.named.home.current())!.lineage!.rewinds.length, 1, "the others are implied");
});

t.test(
  "what-if: another number of processes and a promotion go on with what was published",
  async (t) => {
    const parts = await opened(t);
    const { bus, dir, named } = parts;
    await parts.run(alarms(50));
    await (await parts.control()).reset("earliest");
    await parts.run(alarms(60));
    await divideAnew(named, { parallelism: 2, moment: await meetingPoint(named) });
    await publish(bus, 100);
    for (const index of [0, 1]) await parts.run(alarms(60), { partition: { index, count: 2 } });
    t.same((await compared(parts, alarms(60))).totals, { ...none, same: 3 * 39 });
    await (await parts.control()).rewind({ offset: 0 });
    for (const index of [0, 1]) await parts.run(alarms(50), { partition: { index, count: 2 } });
    t.same((await compared(parts, alarms(50))).totals, { ...none, same: 3 * 49 });

    const replay = await Replay.open({
      source: bus.source,
      consumer: alarms(90),
      dir: join(dir, "r"),
    });
    const { totals } = await promote({ bus, consumer: named, replay });
    t.same(totals, { ...none, same: 3 * 9, dropped: 3 * 40 }, "of what counts, and nothing else");
    t.same((await compared(parts, alarms(90))).totals, { ...none, same: 3 * 9 });
  },
);

t.test(
  "what-if: outputs are told by their sequence, also where the hub refused some",
  async (t) => {
    await using bus = await openBus();
    await bus.registerSchema({
      name: "high",
      version: 1,
      topics: ["alarm.raised"],
      schema: { properties: { value: { not: { multipleOf: 7 } } } },
    });
    await publish(bus, 200);
    const dir = scratch(t);
    const named = { name: "alarms", home: new ConsumerHome(dir) };
    const parts = { bus, dir, named } as Opened;
    for (const to of [150, 150, 150]) {
      const running = start(bus, alarms(50), { dir });
      await running.caughtUp();
      await running.stop();
      t.same((await compared(parts, alarms(50))).totals, { ...none, same: 2 * 49 });
      await (await controlOf(named, bus.source)).rewind({ offset: to });
    }
  },
);
