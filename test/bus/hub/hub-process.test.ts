import t from "tap";
import { connect } from "../../../bus/client/connect.js";
import { Child } from "../child.js";
import { Collector, faultsIn, noFaults } from "../client/collector.js";
import { numbersIn, tally } from "../oracle.js";
import { freeUrl } from "../ports.js";
import { below, loops, seeded } from "../seed.js";
import { until } from "../turns.js";

const mib = 1024 * 1024;

t.test(
  "hub process: killed at random under load, nothing acked is lost, nothing is doubled",
  async (t) => {
    const random = seeded(t);
    const url = await freeUrl();
    const dir = t.testdir();
    let hub = await Child.start("hub-child", { dir, url });
    const bus = await connect(url);
    const readers = ["#", "shop.a"].map(
      (pattern) => new Collector(bus, pattern, { from: "earliest" }),
    );
    const publishers = ["one", "two"].map((producer) =>
      bus.publisher({ producer, batchEventsMax: 50 }),
    );
    const acked = new Map<number, number>();
    let sent = 0;
    let stopped = false;
    const load = (async () => {
      while (!stopped) {
        for (let count = 0; count < 40; count++) {
          const n = sent++;
          const publisher = publishers[n % 2]!;
          void publisher.publish(n % 3 === 0 ? "shop.a" : "shop.b", { n }).then(
            (offset) => acked.set(n, offset),
            (error: Error) => t.fail(error.message),
          );
        }
        await Promise.all(publishers.map((publisher) => publisher.ready()));
        await new Promise((resolve) => setTimeout(resolve, 4));
        while (sent - acked.size > 4000 && !stopped)
          await new Promise((resolve) => setTimeout(resolve, 4));
      }
    })();
    const kills = loops("FEDBUS_HUB_KILLS", 5);
    for (let kill = 0; kill < kills; kill++) {
      const target = acked.size + 1 + below(random, 2000);
      await until(() => acked.size >= target);
      await hub.kill();
      hub = await Child.start("hub-child", { dir, url });
    }
    stopped = true;
    await load;
    await Promise.all(publishers.map((publisher) => publisher.drain()));
    await until(() => acked.size === sent);
    const stored = await numbersIn(bus);
    const { lost, doubled, moved } = tally(stored, acked);
    t.comment(`${kills} kills, ${sent} events acked: ${lost} lost, ${doubled} doubled`);
    t.same(
      { lost, doubled, moved, stored: stored.size },
      { lost: 0, doubled: 0, moved: 0, stored: sent },
    );
    const last = Math.max(...acked.values());
    const all = Array.from({ length: last + 1 }, (_, offset) => offset);
    const some = [...stored]
      .flatMap(([n, offsets]) => (n % 3 === 0 ? offsets : []))
      .sort((a, b) => a - b);
    for (const [at, wanted] of [all, some].entries()) {
      await readers[at]!.reached(wanted.at(-1)! + 1);
      t.same(
        faultsIn(readers[at]!.offsets, wanted),
        noFaults,
        "the reader lived through every kill",
      );
    }
    await Promise.all(readers.map((reader) => reader.close()));
    await bus.close();
    await hub.kill();
  },
);

t.test(
  "hub process: a stopped subscriber costs the hub no memory, and misses nothing",
  async (t) => {
    const url = await freeUrl();
    const hub = await Child.start("hub-child", { dir: t.testdir(), url });
    const bus = await connect(url);
    await using publisher = bus.publisher();
    const filler = "x".repeat(150);
    const publish = async (events: number): Promise<number> => {
      let last = 0;
      for (let left = events; left > 0; left -= 1000) {
        const batch = Array.from({ length: 1000 }, (_, n) => ({
          topic: "a.b",
          msg: { n, filler },
        }));
        await publisher.ready();
        void publisher.publishMany(batch).then((outcomes) => {
          last = Math.max(last, (outcomes.at(-1) as { offset: number }).offset);
        });
      }
      await publisher.drain();
      return last + 1;
    };
    // The log's own caches fill with any load; only what the subscriber adds is of interest.
    const offset = await publish(100_000);
    const subscriber = await Child.start("subscriber-child", { url, offset });
    subscriber.signal("SIGSTOP");
    const { bytes: before } = await hub.ask<{ bytes: number }>("rss");
    const since = performance.now();
    const events = loops("FEDBUS_STALL_EVENTS", 200_000);
    const head = await publish(events);
    const seconds = (performance.now() - since) / 1000;
    const { bytes: after } = await hub.ask<{ bytes: number }>("rss");
    subscriber.signal("SIGCONT");
    let report = { next: 0, faults: 0 };
    await until(async () => {
      report = await subscriber.ask<typeof report>("report");
      return report.next >= head;
    });
    t.same([report.next, report.faults], [head, 0], "every event came, in order");
    const grown = (after - before) / mib;
    t.comment(
      `${events} events in ${seconds.toFixed(1)} s past a stopped subscriber: the hub grew by ` +
        `${grown.toFixed(1)} MiB to ${(after / mib).toFixed(0)} MiB; 0 missing`,
    );
    t.ok(grown < 64, "less than 64 MiB");
    await bus.close();
    await subscriber.kill();
    await hub.kill();
  },
);
