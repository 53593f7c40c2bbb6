import fc from "fast-check";
import t, { type Test } from "tap";
import {
  aggregate,
  countWindow,
  hopping,
  session,
  sliding,
  tumbling,
  type Window,
  type WindowResult,
} from "../../../consumers/index.js";
import { loops, patienceMs } from "../../bus/seed.js";
import { propertySeed } from "../../schemas/property.js";
import { type Published, recordedLog, runOver } from "../recorded.js";
import { type Arrival, arbitraryArrivals, ids, nameOf, recordedOf } from "./arrivals.js";
import {
  type ClockRules,
  countedWindows,
  type Expected,
  fixedWindows,
  hops,
  sessionWindows,
  slidingWindows,
} from "./model.js";

t.setTimeout(patienceMs);
const runs = loops("FEDBUS_WINDOW_RUNS", 60);

interface Case {
  readonly window: Window;
  readonly expect: (
    arrivals: readonly Arrival[],
    latenessMs: number,
    rules: ClockRules,
  ) => Expected;
}

const size = fc.integer({ min: 1, max: 30 });
const offset = fc.integer({ min: -7, max: 7 });

const cases: Readonly<Record<string, fc.Arbitrary<Case>>> = {
  tumbling: fc.tuple(size, offset).map(([sizeMs, offsetMs]) => ({
    window: tumbling({ sizeMs, offsetMs }),
    expect: (arrivals, lateness, rules) =>
      fixedWindows(arrivals, hops(sizeMs, sizeMs, offsetMs), lateness, rules),
  })),
  hopping: fc.tuple(size, size, offset).map(([one, other, offsetMs]) => {
    const [slideMs, sizeMs] = [Math.min(one, other), Math.max(one, other)];
    return {
      window: hopping({ sizeMs, slideMs, offsetMs }),
      expect: (arrivals, lateness, rules) =>
        fixedWindows(arrivals, hops(sizeMs, slideMs, offsetMs), lateness, rules),
    };
  }),
  sliding: size.map((sizeMs) => ({
    window: sliding({ sizeMs }),
    expect: (arrivals, lateness, rules) => slidingWindows(arrivals, sizeMs, lateness, rules),
  })),
  session: fc.tuple(size, fc.option(fc.integer({ min: 5, max: 60 }))).map(([gapMs, max]) => ({
    window: max === null ? session({ gapMs }) : session({ gapMs, sizeMsMax: max }),
    expect: (arrivals, latenessMs, rules) =>
      sessionWindows(arrivals, { gapMs, sizeMsMax: max ?? Infinity, latenessMs }, rules),
  })),
};

const clocks = fc.record({
  outOfOrderMs: fc.constantFrom(0, 3, 20),
  idleMs: fc.constantFrom(5, 30, 1_000),
  latenessMs: fc.constantFrom(0, 0, 10, 50),
});

/** The results that hold, and what of them cannot be. */
function standing(t: Test, outputs: readonly Published[]): Map<string, unknown> {
  const latest = new Map<string, WindowResult>();
  for (const { topic, msg } of outputs) {
    if (topic !== "out") continue;
    const result = msg as WindowResult;
    const name = nameOf(result.key!, result.window);
    const before = latest.get(name);
    if (before !== undefined && before.revision >= result.revision)
      t.fail(`revision ${result.revision} of ${name} came after ${before.revision}`);
    if (before !== undefined && before.timing !== "early" && result.timing !== "late")
      t.fail(`${result.timing} came after ${before.timing}`);
    for (const old of result.replaces ?? [])
      if (!latest.delete(nameOf(result.key!, old))) t.fail("it replaces what did not stand");
    latest.set(name, result);
  }
  return new Map([...latest].map(([name, { ids }]) => [name, ids]));
}

function missedIn(outputs: readonly Published[]): Map<number, string[]> {
  return new Map(
    outputs
      .filter(({ topic }) => topic === "out.late")
      .map(({ msg }) => {
        const { key, windows, event } = msg as {
          key: string;
          windows: { start: number; end: number }[];
          event: { offset: number };
        };
        return [event.offset, windows.map((window) => nameOf(key, window))];
      }),
  );
}

const sorted = <K, V>(map: ReadonlyMap<K, V>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));

for (const [kind, arbitrary] of Object.entries(cases))
  for (const watermark of ["stream", "key"] as const)
    t.test(`windows: ${kind}, watermark by ${watermark}: as by enumeration`, async (t) => {
      let late = 0;
      const property = fc.asyncProperty(
        arbitrary,
        clocks,
        arbitraryArrivals,
        fc.constantFrom("close", { everyMs: 7 }, { everyCount: 2 }),
        async ({ window, expect }, { outOfOrderMs, idleMs, latenessMs }, arrivals, early) => {
          const plugin = aggregate({
            name: "windows",
            topics: ["in"],
            key: "msg.key",
            time: "msg.time",
            ...{ window, watermark, outOfOrderMs, idleMs },
            allowedLatenessMs: latenessMs,
            emit: kind === "sliding" ? "close" : (early as "close"),
            accumulators: { ids },
            output: "out",
          });
          const log = await recordedLog(recordedOf(arrivals), 100_000);
          const { outputs } = await runOver(log, plugin);
          const rules = { outOfOrderMs, idleMs, byKey: watermark === "key" };
          const expected = expect(arrivals, latenessMs, rules);
          const found = JSON.stringify([sorted(standing(t, outputs)), sorted(missedIn(outputs))]);
          const wanted = JSON.stringify([sorted(expected.windows), sorted(expected.missed)]);
          late += expected.missed.size;
          if (found !== wanted) throw new Error(`found    ${found}\nexpected ${wanted}`);
        },
      );
      await fc.assert(property, { seed: propertySeed, numRuns: runs });
      t.comment(`FEDBUS_SEED=${propertySeed}, ${runs} runs, ${late} late events`);
    });

t.test("windows: count: as by enumeration, whatever the times", async (t) => {
  let results = 0;
  const sizes = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }));
  const property = fc.asyncProperty(sizes, arbitraryArrivals, async ([one, other], arrivals) => {
    const [slide, size] = [Math.min(one, other), Math.max(one, other)];
    const plugin = aggregate({
      name: "windows",
      topics: ["in"],
      key: "msg.key",
      time: "msg.time",
      window: countWindow({ size, slide }),
      accumulators: { ids },
      output: "out",
    });
    const log = await recordedLog(recordedOf(arrivals), 100_000);
    const { outputs } = await runOver(log, plugin);
    const about = { timing: "on-time", revision: 0 };
    const expected = countedWindows(arrivals, size, slide).map(({ key, window, ids }) => ({
      topic: "out",
      msg: { key, window, ...about, ids },
    }));
    const found = JSON.stringify(outputs.map(({ topic, msg }) => ({ topic, msg })));
    const wanted = JSON.stringify(expected);
    results += expected.length;
    if (found !== wanted) throw new Error(`found    ${found}\nexpected ${wanted}`);
  });
  await fc.assert(property, { seed: propertySeed, numRuns: runs });
  t.comment(`FEDBUS_SEED=${propertySeed}, ${runs} runs, ${results} windows`);
});
