import { join } from "node:path";
import fc from "fast-check";
import t from "tap";
import { Block, openBus } from "../../../bus/index.js";
import {
  aggregate,
  boundedFeed,
  type Consumer,
  count,
  countWindow,
  distinct,
  hopping,
  last,
  mean,
  outboxBatches,
  quantiles,
  Runner,
  StateStore,
  session,
  sliding,
  stddev,
  sum,
  topK,
  tumbling,
  type Window,
} from "../../../consumers/index.js";
import { loops, patienceMs } from "../../bus/seed.js";
import { propertySeed } from "../../schemas/property.js";
import { recordedLog, runOver } from "../recorded.js";
import { eventsOn, start } from "../running.js";
import { arbitraryArrivals, recordedOf } from "./arrivals.js";

t.setTimeout(patienceMs);
const runs = loops("FEDBUS_WINDOW_RUNS", 60) / 4;

const windows: readonly Window[] = [
  tumbling({ sizeMs: 15 }),
  hopping({ sizeMs: 20, slideMs: 6 }),
  sliding({ sizeMs: 12 }),
  session({ gapMs: 9, sizeMsMax: 40 }),
  countWindow({ size: 6, slide: 4 }),
];

type Extra = Pick<Parameters<typeof aggregate>[0], "watermark" | "emit" | "allowedLatenessMs">;

/** Every accumulator, over values whose sums round. */
function aggregateOf(window: Window, extra: Extra = {}): Consumer {
  const value = (event: { readonly offset: number }) => Math.sin(event.offset * 7) * 1e3;
  return aggregate({
    name: "same",
    topics: ["in"],
    key: "msg.key",
    time: "msg.time",
    window,
    ...{ outOfOrderMs: 5, idleMs: 25, allowedLatenessMs: 8, ...extra },
    accumulators: {
      n: count(),
      sum: sum(value),
      mean: mean(value),
      stddev: stddev(value),
      quantiles: quantiles(value),
      distinct: distinct("msg.time", { exactMax: 4 }),
      top: topK("msg.time", 2, { valuesMax: 3 }),
      last: last(value),
    },
    output: "out",
  });
}

t.test(
  "aggregate: the same bytes and state in batches of any size, and after any stop",
  async (t) => {
    const property = fc.asyncProperty(
      fc.constantFrom(...windows),
      fc.constantFrom("stream", "key"),
      fc.constantFrom("close", { everyMs: 7 }, { everyCount: 2 }),
      arbitraryArrivals,
      fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 9 }),
      async (window, watermark, early, arrivals, stops, commitEventsMax) => {
        const canBeEarly = window.kind !== "sliding" && window.kind !== "count";
        const emit = (canBeEarly ? early : "close") as "close";
        const plugin = aggregateOf(window, { watermark: watermark as "key", emit });
        const log = await recordedLog(recordedOf(arrivals), 100_000);
        const whole = await runOver(log, plugin);
        const small = await runOver(log, plugin, { limits: { commitEventsMax } });
        const dir = join(t.testdir(), "store");
        for (const stop of stops.map((at) => at % (log.head + 1)).sort((a, b) => a - b))
          if (stop > 0) await runOver(log, plugin, { dir, to: stop });
        const stopped = await runOver(log, plugin, { dir });
        for (const other of [small, stopped])
          if (JSON.stringify(other) !== JSON.stringify(whole))
            throw new Error(
              `${JSON.stringify(other.hash)} ${other.bytes.join("\n")}\nis not ${JSON.stringify(whole.hash)} ${whole.bytes.join("\n")}`,
            );
      },
    );
    await fc.assert(property, { seed: propertySeed, numRuns: runs });
    t.comment(`FEDBUS_SEED=${propertySeed}, ${runs} runs`);
  },
);

t.test("aggregate: killed at step after step, the bytes and state are the same", async (t) => {
  const arrivals = fc.sample(arbitraryArrivals, { seed: propertySeed, numRuns: 12 }).flat();
  let at = 1_000;
  const sorted = arrivals.map((arrival, id) => ({
    ...arrival,
    at: ++at,
    time: at - (id % 9),
    id,
  }));
  const log = await recordedLog(recordedOf(sorted), 200_000);
  for (const window of windows) {
    const plugin = aggregateOf(window);
    const whole = await runOver(log, plugin);
    const dir = join(t.testdir(), "store");
    const limits = { commitEventsMax: 9 };
    let kills = 0;
    for (let killAt = 1; ; killAt++) {
      let steps = 0;
      const hook = () => {
        if (++steps === killAt) throw new Error("killed");
      };
      const died = await runOver(log, plugin, { dir, limits, hook }).then(
        () => false,
        (error: Error) => error.message === "killed",
      );
      if (!died) break;
      kills++;
    }
    const again = await runOver(log, plugin, { dir });
    t.ok(kills > 3, `${window.kind}: ${kills} kills`);
    t.same(again.bytes, whole.bytes, `${window.kind}: ${whole.bytes.length} outputs`);
    t.same(again.hash, whole.hash, `${window.kind}: state`);
  }
});

t.test(
  "aggregate: what was published live, in a quiet stream too, comes again in replay",
  async (t) => {
    await using bus = await openBus();
    const plugin = aggregateOf(hopping({ sizeMs: 60, slideMs: 20 }), { emit: { everyMs: 10 } });
    const running = start(bus, plugin, { dir: join(t.testdir(), "live") });
    await using publisher = bus.publisher();
    for (let id = 0; id < 60; id++) {
      const time = Date.now() - (id % 4);
      await publisher.publish("in", { key: `k${id % 3}`, time, id });
    }
    // Idle after 25 ms: the last windows close by the log's own time.
    const lastEnd = Math.floor(Date.now() / 20) * 20 + 60;
    const isDone = async () =>
      (await eventsOn(bus, "out")).filter(({ msg }) => {
        const { window, timing } = msg as { window: { end: number }; timing: string };
        return timing === "on-time" && window.end >= lastEnd - 20;
      }).length >= 3;
    while (!(await isDone())) await new Promise((resolve) => setTimeout(resolve, 20));
    await running.caughtUp();
    await running.stop();
    const live = (await eventsOn(bus, "out", "out.late")).map(({ bytes }) => bytes.toString());
    const store = await StateStore.open(join(t.testdirName, "replay"), { durable: false });
    const { head } = await bus.source.info();
    const feed = boundedFeed(bus.source, head);
    await new Runner({ consumer: plugin, config: {}, store, source: bus.source, feed }).run();
    const again: string[] = [];
    for await (const { block, count: size } of outboxBatches(store))
      for (let index = 0; index < size; index++)
        again.push(Block.decode(block).bytesOf(index).toString());
    await store.close();
    t.ok(live.length > 3, `${live.length} outputs`);
    t.same(again.slice(0, live.length), live);
  },
);
