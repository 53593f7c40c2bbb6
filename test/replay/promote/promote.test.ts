import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { type Bus, openBus } from "../../../bus/index.js";
import {
  ConsumerHome,
  type Current,
  consumer,
  hashState,
  StateStore,
} from "../../../consumers/index.js";
import { expiryIndexRange } from "../../../consumers/store/keys.js";
import { type PromotedOutputs, promote, Replay } from "../../../replay/index.js";
import { loops, patienceMs } from "../../bus/seed.js";
import { storedBus } from "../../bus/stored-bus.js";
import { eventsOn, start } from "../../consumers/running.js";
import { scratch } from "../scratch.js";
import { alarms } from "../whatif/alarms.js";
import { severe } from "./severe.js";

t.setTimeout(patienceMs);
const program = new URL("./promote-child.js", import.meta.url);
/** Steps of a promotion, of which each in turn is the last one. */
const killsMax = loops("FEDBUS_PROMOTE_KILLS", 8);

interface Alert {
  readonly value: number;
  readonly level: string;
}

async function publish(bus: Bus, from: number, to: number): Promise<void> {
  await using publisher = bus.publisher();
  const events = Array.from({ length: to - from }, (_, index) => ({
    topic: `sensor.${index % 3}`,
    msg: { value: (from + index) % 100 },
  }));
  await publisher.publishMany(events);
}

async function runOld(bus: Bus, dir: string): Promise<void> {
  const running = start(bus, alarms(50), { dir });
  await running.caughtUp();
  await running.stop();
}

async function outcomeOf(bus: Bus) {
  const raised = await eventsOn(bus, "alarm.raised");
  const corrections = raised.filter(({ envelope }) => envelope.headers?.corrects !== undefined);
  const retracted = await eventsOn(bus, "consumers.alarms.retracted");
  const promoted = await eventsOn(bus, "consumers.alarms.promoted");
  return { raised, corrections, retracted, promoted };
}

async function promoted(bus: Bus, dir: string, outputs?: PromotedOutputs) {
  const home = new ConsumerHome(dir);
  await using replay = await Replay.open({
    source: bus.source,
    consumer: severe,
    dir: join(dir, "replays", "severe"),
  });
  const options = outputs === undefined ? {} : { outputs };
  return await promote({ bus, consumer: { name: "alarms", home }, replay, ...options });
}

t.test("promote: state is replaced, and the differences are published, each once", async (t) => {
  await using bus = await openBus();
  const dir = scratch(t);
  await publish(bus, 0, 200);
  await runOld(bus, dir);
  const { totals, generation } = await promoted(bus, dir);
  // Of 0 to 99, twice: 51 to 60 are no alarms any more, and 91 to 99 are severe.
  t.same(totals, { same: 2 * 30, changed: 2 * 9, dropped: 2 * 10, added: 0 });
  t.equal(generation, 2);
  t.notOk(existsSync(join(dir, "replays", "severe")), "the replay's directory is removed");
  t.notOk(existsSync(join(dir, "generations", "1")), "and the old state");
  const { raised, corrections, retracted, promoted: told } = await outcomeOf(bus);
  t.equal(raised.length, 2 * 49 + 2 * 9);
  for (const { envelope } of corrections) {
    const old = raised.find(({ offset }) => offset === envelope.headers!.corrects)!;
    const { value } = old.msg as Alert;
    t.same(
      [old.msg, envelope.msg],
      [
        { value, level: "high" },
        { value, level: "severe" },
      ],
    );
    t.same(
      { ...(envelope.headers!.cause as object), version: "1" },
      old.envelope.headers!.cause,
      "the same cause",
    );
    t.not(envelope.msg_id, old.envelope.msg_id, "an id of its own");
  }
  t.equal(new Set(raised.map(({ envelope }) => envelope.msg_id)).size, raised.length);
  t.same(
    retracted.map(
      ({ msg }) =>
        raised.find(({ offset }) => offset === (msg as Alert & { offset: number }).offset)?.msg,
    ),
    [0, 100].flatMap(() =>
      Array.from({ length: 10 }, (_, index) => ({ value: 51 + index, level: "high" })),
    ),
  );
  t.equal(told.length, 1);
  t.match(told[0]!.msg, {
    consumer: "alarms",
    version: "2",
    generation: 2,
    from: 0,
    outputs: "differences",
    ...totals,
  });

  // The new code goes on from there, and what it says is what a consumer says that always ran it.
  await publish(bus, 0, 100);
  const running = start(bus, severe, { dir });
  await running.caughtUp();
  await running.stop();
  const after = await promoted(bus, dir);
  t.same(after.totals, { same: 3 * 39, changed: 0, dropped: 0, added: 0 });
  t.equal((await outcomeOf(bus)).raised.length, raised.length + 39, "nothing comes twice");
});

t.test("promote: the new state and what runs on it count from the same moment", async (t) => {
  await using bus = await openBus();
  const dir = scratch(t);
  await publish(bus, 0, 100);
  await runOld(bus, dir);
  const home = new ConsumerHome(dir);
  const old = { path: "/old.js", version: "1", config: {}, startAt: 0, paused: true };
  await home.register(old);
  await using replay = await Replay.open({
    source: bus.source,
    consumer: severe,
    dir: join(dir, "replays", "severe"),
  });
  const seen = new Set<string>();
  const hook = (): void => {
    const text = readFileSync(join(dir, "current.json"), "utf8");
    const { generation, registration } = JSON.parse(text) as Current;
    seen.add(`${generation} runs ${registration?.version}`);
  };
  const registration = { path: "/new.js", version: "2", config: { limit: 60 } };
  await promote({ bus, consumer: { name: "alarms", home }, replay, registration, hook });
  t.same([...seen], ["1 runs 1", "2 runs 2"]);
  t.same(await home.registration(), { ...registration, startAt: 0, paused: true });
});

t.test("promote: state of several processes is divided as it was", async (t) => {
  await using bus = await openBus();
  const dir = scratch(t);
  await publish(bus, 0, 200);
  for (const index of [0, 1]) {
    const running = start(bus, alarms(50), { dir, partition: { index, count: 2 } });
    await running.caughtUp();
    await running.stop();
  }
  const { totals } = await promoted(bus, dir);
  t.same(totals, { same: 2 * 30, changed: 2 * 9, dropped: 2 * 10, added: 0 });
  t.match(await new ConsumerHome(dir).current(), { parallelism: 2 });
  await publish(bus, 0, 100);
  for (const index of [0, 1]) {
    const running = start(bus, severe, { dir, partition: { index, count: 2 } });
    await running.caughtUp();
    await running.stop();
  }
  const after = await promoted(bus, dir);
  t.same(after.totals, { same: 3 * 39, changed: 0, dropped: 0, added: 0 });
});

t.test("promote: what expires is still swept off the disk afterwards", async (t) => {
  await using bus = await openBus();
  const dir = scratch(t);
  const home = new ConsumerHome(dir);
  const forgetful = consumer({
    name: "forgetful",
    topics: ["sensor.#"],
    handle: ({ msg, offset }, { state }) => state.put(`k${offset}`, msg, { ttlMs: 1_000 }),
  });
  await publish(bus, 0, 20);
  const running = start(bus, forgetful, { dir });
  await running.caughtUp();
  await running.stop();
  const indexed = async () => {
    const store = await StateStore.open(home.storeDir((await home.current())!, 0));
    const keys: string[] = [];
    for await (const step of store.steps(expiryIndexRange))
      keys.push(...step.map(([key]) => key.toString("hex")));
    await store.close();
    return keys;
  };
  const before = await indexed();
  t.equal(before.length, 20);
  const options = { source: bus.source, consumer: forgetful, dir: join(dir, "replays", "again") };
  await using replay = await Replay.open(options);
  await promote({ bus, consumer: { name: "forgetful", home }, replay });
  t.same(await indexed(), before);
});

t.test("promote: all outputs again, or none", async (t) => {
  for (const [outputs, again, gone] of [
    ["all", 39, 10],
    ["none", 0, 0],
  ] as const) {
    await using bus = await openBus();
    const dir = scratch(t);
    await publish(bus, 0, 100);
    await runOld(bus, dir);
    await promoted(bus, dir, outputs);
    const { raised, corrections, retracted, promoted: told } = await outcomeOf(bus);
    t.equal(raised.length, 49 + again);
    t.equal(corrections.length, again);
    t.equal(retracted.length, gone);
    t.match(told[0]!.msg, { outputs, dropped: 10 });
  }
});

t.test("promote: a consumer that runs is left alone", async (t) => {
  await using bus = await openBus();
  const dir = scratch(t);
  await publish(bus, 0, 100);
  const running = start(bus, alarms(50), { dir });
  await running.caughtUp();
  await t.rejects(promoted(bus, dir), { code: "STATE_IN_USE" });
  await running.stop();
  t.same(await eventsOn(bus, "consumers.#"), []);
});

t.test(
  "promote: killed at each step in turn, state is the old or the new, outputs come once",
  async (t) => {
    const root = scratch(t);
    const { bus, url } = await storedBus(t, join(root, "log"));
    await publish(bus, 0, 200);
    const dir = join(root, "alarms");
    await runOld(bus, dir);
    const home = new ConsumerHome(dir);
    let deaths = 0;
    for (let killAt: number | null = 1; ; ) {
      const child = fork(program, [JSON.stringify({ url, dir, killAt })], {
        execArgv: [],
      });
      const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
      if (signal === "SIGKILL") {
        deaths++;
        const current = (await home.current())!;
        const store = await StateStore.open(home.storeDir(current, 0), { create: false });
        t.ok(
          (await hashState(store, 0)).entries > 0,
          `step ${killAt}: generation ${current.generation}`,
        );
        await store.close();
        killAt = deaths >= killsMax ? null : killAt! + Math.max(1, Math.round(30 / killsMax));
        continue;
      }
      t.equal(code, 0);
      break;
    }
    t.comment(`${deaths} deaths`);
    const { raised, corrections, retracted, promoted: told } = await outcomeOf(bus);
    t.equal(raised.length, 2 * 49 + 2 * 9);
    t.equal(corrections.length, 2 * 9);
    t.equal(retracted.length, 2 * 10);
    t.equal(told.length, 1);
    t.equal(new Set(retracted.map(({ envelope }) => envelope.msg_id)).size, retracted.length);
    t.equal((await home.current())?.generation, 2);
  },
);
