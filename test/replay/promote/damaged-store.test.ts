import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { type Bus, openBus } from "../../../bus/index.js";
import { ConsumerHome, controlOf, hashState, StateStore } from "../../../consumers/index.js";
import { promote, Replay } from "../../../replay/index.js";
import { eventsOn, start } from "../../consumers/running.js";
import { scratch } from "../scratch.js";
import { alarms } from "../whatif/alarms.js";

/** Wrong bytes in place of every `text` in files that end so. */
async function garble(dir: string, ending: string, text: string): Promise<void> {
  let found = 0;
  for (const name of (await readdir(dir)).filter((file) => file.endsWith(ending))) {
    const bytes = await readFile(join(dir, name));
    for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) {
      bytes[at]! ^= 1;
      found++;
    }
    await writeFile(join(dir, name), bytes);
  }
  t.ok(found > 0, `${text} was on the disk`);
}

/** What can have happened to a store, what a run says of it, and whether a copy from before is at hand. */
const damages: Readonly<
  Record<string, readonly [hurt: (dir: string, before: string) => Promise<void>, says: string]>
> = {
  "without its CURRENT file": [(dir) => rm(join(dir, "CURRENT")), "STATE_CORRUPT"],
  "with a manifest cut short": [
    async (dir) => {
      const [manifest] = (await readdir(dir)).filter((name) => name.startsWith("MANIFEST"));
      await writeFile(join(dir, manifest!), "torn");
    },
    "STATE_CORRUPT",
  ],
  "with a bit of its checkpoint flipped": [
    async (dir) => {
      // Opening moves the write-ahead log, which LevelDB checks, into tables, which it does not.
      for (let opened = 0; opened < 2; opened++) await (await StateStore.open(dir)).close();
      await garble(dir, ".ldb", '"logId"');
    },
    "STATE_CORRUPT",
  ],
  "put back from an older copy": [
    async (dir, before) => {
      await rm(dir, { recursive: true });
      await cp(before, dir, { recursive: true });
    },
    "LOG_DIVERGED",
  ],
};

async function publish(bus: Bus, count: number): Promise<void> {
  await using publisher = bus.publisher();
  const events = Array.from({ length: count }, (_, index) => ({
    topic: `sensor.${index % 3}`,
    msg: { value: index % 100 },
  }));
  await publisher.publishMany(events);
}

async function run(bus: Bus, dir: string): Promise<void> {
  const running = start(bus, alarms(50), { dir });
  await running.caughtUp();
  await running.stop();
}

async function hashIn(home: ConsumerHome) {
  const store = await StateStore.open(home.storeDir((await home.current())!, 0));
  const hash = await hashState(store, 0);
  await store.close();
  return hash;
}

for (const [how, [hurt, code]] of Object.entries(damages))
  t.test(`damaged store: ${how}, it says so, and is built anew from the log`, async (t) => {
    await using bus = await openBus();
    const root = scratch(t);
    const dir = join(root, "alarms");
    const home = new ConsumerHome(dir);
    const consumer = { name: "alarms", home };
    await publish(bus, 200);
    await run(bus, dir);
    const storeDir = home.storeDir((await home.current())!, 0);
    await cp(storeDir, join(root, "before"), { recursive: true });
    await publish(bus, 100);
    await run(bus, dir);
    const whole = await hashIn(home);
    const raised = async () => (await eventsOn(bus, "alarm.raised")).map(({ msg }) => msg);
    const told = await raised();
    t.equal(told.length, 3 * 49);

    await hurt(storeDir, join(root, "before"));
    await t.rejects(run(bus, dir), { code });
    await using replay = await Replay.open({
      ...{ source: bus.source, consumer: alarms(50) },
      dir: join(dir, "replays", "again"),
    });
    const { totals } = await promote({ bus, consumer, replay });
    t.same(totals, { same: 3 * 49, added: 0, dropped: 0, changed: 0 });
    t.same(await hashIn(home), whole, "the state is what it was");
    await publish(bus, 100);
    await run(bus, dir);
    t.equal((await raised()).length, 4 * 49, "it goes on, and nothing came twice");

    await hurt(home.storeDir((await home.current())!, 0), join(root, "before"));
    await (await controlOf(consumer, bus.source)).reset("earliest");
    await run(bus, dir);
    t.equal((await raised()).length, 2 * 4 * 49, "a reset begins anew, and outputs come again");
  });

t.test("damaged store: a reset needs none of it, nor the file that names it", async (t) => {
  await using bus = await openBus();
  const dir = scratch(t);
  const consumer = { name: "alarms", home: new ConsumerHome(dir) };
  await publish(bus, 100);
  for (const generation of [2, 3]) {
    await run(bus, dir);
    await writeFile(join(dir, "current.json"), "{");
    await t.rejects(run(bus, dir), { code: "STATE_CORRUPT" });
    await (await controlOf(consumer, bus.source)).reset("earliest");
    t.match(await consumer.home.current(), { generation, parallelism: 1 });
  }
  await run(bus, dir);
  t.equal((await eventsOn(bus, "alarm.raised")).length, 3 * 49, "each generation's outputs");
});
