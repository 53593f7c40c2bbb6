import t from "tap";
import type { StartAt } from "../../../bus/bus.js";
import { connect } from "../../../bus/client/connect.js";
import { Hub } from "../../../bus/hub/hub.js";
import { LevelLog } from "../../../bus/log/level/level-log.js";
import { beaconMs } from "../../../bus/wire/limits.js";
import { freeUrl } from "../ports.js";
import { TcpProxy } from "../proxy.js";
import { below, loops, pick, seeded } from "../seed.js";
import { SteeredLog } from "../steered-log.js";
import { until } from "../turns.js";
import { Collector, faultsIn, noFaults } from "./collector.js";
import { naiveMatch } from "./naive-match.js";

t.test(
  "subscriber: filtered streams see no false gap, miss nothing and double nothing",
  async (t) => {
    const random = seeded(t);
    const words = ["a", "b", "c", "d"];
    const log = new SteeredLog();
    const hub = await Hub.open(log, { listen: "tcp://127.0.0.1:0" });
    const bus = await connect(hub.url);
    const patternSets = Array.from({ length: loops("FEDBUS_FILTERS", 25) }, () =>
      Array.from({ length: 1 + below(random, 3) }, () => {
        const segments = Array.from({ length: 1 + below(random, 3) }, () =>
          random() < 0.3 ? "*" : pick(random, words),
        );
        if (random() < 0.4) segments.push("#");
        return segments.join(".");
      }),
    );
    const collectors = patternSets.map(
      (patterns) => new Collector(bus, patterns, { offsetsOnly: true }),
    );
    await Promise.all(collectors.map((collector) => collector.subscription.whenCaughtUp()));
    const topics: string[] = [];
    await using publisher = bus.publisher();
    const total = loops("FEDBUS_FILTERED_EVENTS", 20_000);
    while (topics.length < total) {
      const batch = Array.from({ length: 1 + below(random, 200) }, () => {
        const count = 1 + below(random, 3);
        return Array.from({ length: count }, () => pick(random, words)).join(".");
      });
      topics.push(...batch);
      await publisher.publishMany(batch.map((topic) => ({ topic, msg: 0 })));
    }
    let delivered = 0;
    for (const [at, collector] of collectors.entries()) {
      const matching = new Set(
        [...new Set(topics)].filter((topic) =>
          patternSets[at]!.some((pattern) => naiveMatch(pattern, topic)),
        ),
      );
      const wanted = topics.flatMap((topic, offset) => (matching.has(topic) ? [offset] : []));
      delivered += wanted.length;
      await collector.reached((wanted.at(-1) ?? -1) + 1);
      t.same(faultsIn(collector.offsets, wanted), noFaults, patternSets[at]!.join(" "));
    }
    const filled = collectors.reduce((sum, { caughtUps }) => sum + caughtUps - 1, 0);
    t.comment(
      `${topics.length} events, ${collectors.length} pattern sets, ${delivered} deliveries: ` +
        `0 missed, 0 doubled, ${filled} gaps seen`,
    );
    t.equal(filled, 0, "no frame was lost, so no gap may be seen");
    await Promise.all(collectors.map((collector) => collector.close()));
    await bus.close();
    await hub.close();
  },
);

t.test("subscriber: joins under load have no hole and no double at the seam", async (t) => {
  const random = seeded(t);
  const log = new SteeredLog();
  const hub = await Hub.open(log, { listen: "tcp://127.0.0.1:0" });
  const bus = await connect(hub.url);
  await using publisher = bus.publisher();
  let stopped = false;
  const topics: string[] = [];
  const load = (async () => {
    while (!stopped) {
      const batch = Array.from({ length: 50 }, () => pick(random, ["a.b", "a.c"]));
      topics.push(...batch);
      await publisher.publishMany(batch.map((topic) => ({ topic, msg: 0 })));
      // The load must leave the joiners some of this process's time.
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  })();
  const kinds = ["live", "earliest", "offset", "head", "time"] as const;
  const joins = loops("FEDBUS_JOINS", 50);
  for (let join = 0; join < joins; join++) {
    const kind = kinds[join % kinds.length]!;
    const pattern = pick(random, ["#", "a.b"]);
    const headBefore = log.head;
    const from = startOf(kind, log, random);
    const collector = new Collector(bus, pattern, { from });
    await collector.subscription.whenCaughtUp();
    const headThen = log.head;
    await collector.reached(headThen + 200);
    await collector.close();
    const { offsets, next } = collector;
    const start = kind === "live" ? (offsets[0] ?? next) : await firstOf(from, log);
    if (kind === "live") t.ok(start >= headBefore - 1000, "live starts near the head of the call");
    const wanted = topics.flatMap((topic, offset) =>
      offset >= start && offset < next && naiveMatch(pattern, topic) ? [offset] : [],
    );
    t.same(faultsIn(offsets, wanted), noFaults, `${kind} ${pattern}`);
  }
  stopped = true;
  await load;
  t.comment(`${joins} joins under load, ${topics.length} events: 0 holes, 0 doubles`);
  await bus.close();
  await hub.close();
});

function startOf(
  kind: "live" | "earliest" | "offset" | "head" | "time",
  log: SteeredLog,
  random: () => number,
): StartAt {
  if (kind === "offset") return { offset: below(random, log.head + 1) };
  if (kind === "head") return { offset: log.head, epoch: log.epoch };
  if (kind === "time") return { time: Date.now() - below(random, 500) };
  return kind;
}

async function firstOf(from: StartAt, log: SteeredLog): Promise<number> {
  if (from === "earliest" || from === "live") return 0;
  return "time" in from ? await log.offsetAtTime(from.time) : from.offset;
}

t.test(
  "subscriber: a lost last frame is noticed by the beacon and filled from the log",
  async (t) => {
    const url = await freeUrl();
    const hub = await Hub.open(new SteeredLog(), { listen: url });
    const proxy = await TcpProxy.open(url);
    const bus = await connect(proxy.url);
    const direct = await connect(hub.url);
    await using publisher = direct.publisher();
    const collector = new Collector(bus, "a.#");
    await collector.subscription.whenCaughtUp();
    const rounds = loops("FEDBUS_TAILS", 3);
    let slowestMs = 0;
    let dropped = 0;
    for (let round = 0; round < rounds; round++) {
      await publisher.publish("a.seen", round);
      const mark = `lost-${round}-`;
      proxy.passToClient = (bytes, kind) => {
        if (kind === "requests" || !bytes.includes(mark)) return true;
        dropped++;
        return false;
      };
      const offset = await publisher.publish("a.last", mark);
      const since = performance.now();
      await until(() => dropped === round + 1);
      await collector.reached(offset + 1);
      slowestMs = Math.max(slowestMs, performance.now() - since);
    }
    t.comment(
      `${rounds} last frames dropped, each filled within ${Math.round(slowestMs)} ms of its ack ` +
        `(the beacon comes every ${beaconMs} ms)`,
    );
    const wanted = Array.from({ length: rounds * 2 }, (_, offset) => offset);
    t.same(faultsIn(collector.offsets, wanted), noFaults);
    t.equal(dropped, rounds);
    await collector.close();
    await Promise.all([bus.close(), direct.close()]);
    await proxy.close();
    await hub.close();
  },
);

t.test("subscriber: frames dropped and connections cut at random leave no gap", async (t) => {
  const random = seeded(t);
  const url = await freeUrl();
  const log = new SteeredLog();
  const hub = await Hub.open(log, { listen: url });
  const proxy = await TcpProxy.open(url);
  const bus = await connect(proxy.url);
  const direct = await connect(hub.url);
  await using publisher = direct.publisher();
  const collectors = ["#", "a.b"].map(
    (pattern) => new Collector(bus, pattern, { from: "earliest" }),
  );
  const topics: string[] = [];
  let cuts = 0;
  const rounds = loops("FEDBUS_CUTS", 6);
  for (let round = 0; round < rounds; round++) {
    for (let batches = 0; batches < 20; batches++) {
      const batch = Array.from({ length: 1 + below(random, 100) }, () =>
        pick(random, ["a.b", "a.c"]),
      );
      topics.push(...batch);
      await publisher.publishMany(batch.map((topic) => ({ topic, msg: 0 })));
    }
    // What is dropped at random leaves the stream out of step, so the connection goes too.
    if (round % 2 === 0) proxy.passToClient = () => false;
    else proxy.cut();
    const batch = Array.from({ length: 100 }, () => "a.b");
    topics.push(...batch);
    await publisher.publishMany(batch.map((topic) => ({ topic, msg: 0 })));
    proxy.passToClient = () => true;
    proxy.cut();
    cuts++;
  }
  await Promise.all(collectors.map((collector) => collector.reached(topics.length)));
  for (const [at, pattern] of ["#", "a.b"].entries()) {
    const wanted = topics.flatMap((topic, offset) => (naiveMatch(pattern, topic) ? [offset] : []));
    t.same(faultsIn(collectors[at]!.offsets, wanted), noFaults, pattern);
  }
  t.comment(`${cuts} cuts, ${topics.length} events: 0 missed, 0 doubled`);
  await Promise.all(collectors.map((collector) => collector.close()));
  await Promise.all([bus.close(), direct.close()]);
  await proxy.close();
  await hub.close();
});

t.test("subscriber: many on one connection start at once", async (t) => {
  const log = await LevelLog.open(t.testdir(), { freeBytesMin: 0, ballastBytes: 0 });
  const hub = await Hub.open(log, { listen: "tcp://127.0.0.1:0" });
  const bus = await connect(hub.url);
  await using publisher = bus.publisher();
  await publisher.publishMany(Array.from({ length: 100 }, (_, msg) => ({ topic: "a", msg })));
  const collectors = Array.from(
    { length: 60 },
    () => new Collector(bus, "#", { from: "earliest" }),
  );
  await Promise.all(collectors.map((collector) => collector.reached(100)));
  for (const { events } of collectors) t.equal(events.length, 100);
  const asked = await Promise.all(Array.from({ length: 60 }, () => bus.stats()));
  t.equal(asked.length, 60);
  await bus.close();
  await hub.close();
  await log.close();
});
