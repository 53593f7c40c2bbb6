import { join } from "node:path";
import fc from "fast-check";
import t from "tap";
import {
  coerceUnit,
  deduplicate,
  fillMissing,
  minMax,
  type PipeStep,
  pipe,
  to,
  transform,
  zScore,
} from "../../../consumers/index.js";
import { propertySeed } from "../../schemas/property.js";
import { recordedLog, runOver } from "../recorded.js";

type Timed = readonly [at: number, msg: unknown];

/** What comes out of the steps: alike whether it runs through, or is stopped and begun again in between. */
async function cleaned(steps: readonly PipeStep[], events: readonly Timed[]) {
  const log = await recordedLog(
    events.map(([at, msg]) => ({ at, msg })),
    1_000_000,
  );
  const handle = pipe(...steps, to("out"));
  const plugin = transform({ name: "clean", topics: ["in"], attemptsMax: 1, handle });
  const whole = await runOver(log, plugin);
  const dir = join(t.testdir(), "store");
  for (let stop = 1; stop < log.head; stop += 2) await runOver(log, plugin, { dir, to: stop });
  const stopped = await runOver(log, plugin, { dir });
  if (JSON.stringify(stopped.bytes) !== JSON.stringify(whole.bytes))
    throw new Error("it publishes something else after stops");
  return whole.outputs.map(({ msg }) => msg);
}

const each = (...bodies: unknown[]): Timed[] => bodies.map((msg, index) => [1_000 + index, msg]);

t.test("fillMissing: a constant, the key's last value, its mean so far", async (t) => {
  const events = each(
    { k: "a", v: 1 },
    { k: "b", v: 10 },
    { k: "a", v: null },
    { k: "a" },
    { k: "a", v: 5 },
    { k: "a" },
    { k: "c" },
    { v: null },
  );
  const values = async (step: PipeStep) =>
    (await cleaned([step], events)).map((msg) => (msg as { v?: unknown }).v);
  const constant = await values(fillMissing("msg.v", { with: { constant: 0 } }));
  t.same(constant, [1, 10, 0, 0, 5, 0, 0, 0]);
  const last = await values(fillMissing("msg.v", { with: "last", by: "msg.k" }));
  t.same(last, [1, 10, 1, 1, 5, 5, undefined, null]);
  const mean = await values(fillMissing("msg.v", { with: "mean", by: "msg.k" }));
  t.same(mean, [1, 10, 1, 1, 5, 3, undefined, null]);
  const ofAll = await values(fillMissing("msg.v", { with: "last" }));
  t.same(ofAll, [1, 10, 10, 10, 5, 5, 5, 5]);
});

t.test("coerceUnit: by text, by another member, by what is usual", async (t) => {
  const speed = coerceUnit("msg.speed", { to: "km/h", unitAt: "msg.unit", from: "m/s" });
  const bodies = [
    { speed: "60 mph" },
    { speed: 10, unit: "m/s" },
    { speed: 10 },
    { speed: " -3.5e1km/h " },
    { speed: 10, unit: "kg" },
    { speed: "fast", unit: "mph" },
    { speed: 1, unit: "x".repeat(100) },
    { speed: null, unit: "mph" },
    { speed: null },
  ];
  const found = await cleaned([speed], each(...bodies));
  const speeds = found.map((msg) => (msg as { speed: number | null }).speed);
  const rounded = speeds.map((v) => (v === null ? null : Math.round(v * 1e6) / 1e6));
  t.same(rounded, [96.56064, 36, 36, -35, null, null, null, null, null]);
  t.same(
    found.map((msg) => (msg as { unit: string }).unit),
    [...Array.from({ length: 8 }, () => "km/h"), undefined],
    "what is filled in later is in the unit that is wanted",
  );
  const degrees = coerceUnit("msg.t", { to: "°C" });
  const [hot, warm] = await cleaned([degrees], each({ t: "212 °F" }, { t: 20 }));
  t.ok(Math.abs((hot as { t: number }).t - 100) < 1e-9);
  t.same(warm, { t: 20 });
  t.throws(() => coerceUnit("msg.v", { to: "smoot" }), { code: "OPTIONS_INVALID" });
});

t.test("zScore and minMax: as by enumeration", async (t) => {
  const reading = fc.record({ k: fc.constantFrom("a", "b"), v: fc.integer({ min: -9, max: 9 }) });
  const property = fc.asyncProperty(
    fc.array(reading, { minLength: 1, maxLength: 8 }),
    async (bodies) => {
      const steps = [
        zScore("msg.v", { by: "msg.k", as: "msg.z" }),
        minMax("msg.v", { by: "msg.k", as: "msg.share" }),
      ];
      const found = await cleaned(steps, each(...bodies));
      for (const [index, { k, v }] of bodies.entries()) {
        const all = bodies
          .slice(0, index + 1)
          .filter((body) => body.k === k)
          .map((body) => body.v);
        const before = all.slice(0, -1);
        const mean = before.reduce((a, b) => a + b, 0) / before.length;
        const squares = before.reduce((a, b) => a + (b - mean) ** 2, 0);
        const deviation = before.length < 2 ? 0 : Math.sqrt(squares / (before.length - 1));
        const [low, high] = [Math.min(...all), Math.max(...all)];
        const { z, share } = found[index] as { z: number | null; share: number | null };
        const wanted = deviation === 0 ? null : (v - mean) / deviation;
        const isRight = wanted === null || z === null ? z === wanted : Math.abs(z - wanted) < 1e-9;
        if (!isRight) throw new Error(`z ${z}, not ${wanted}`);
        if (share !== (low === high ? null : (v - low) / (high - low)))
          throw new Error(`share ${share} of ${v} in ${low}..${high}`);
      }
    },
  );
  await fc.assert(property, { seed: propertySeed, numRuns: 8 });
  t.comment(`FEDBUS_SEED=${propertySeed}`);
  t.same(await cleaned([minMax("msg.v")], each({ v: "x" }, {}, { v: 2 }, { v: 4 })), [
    { v: "x" },
    {},
    { v: null },
    { v: 1 },
  ]);
});

//   log   1000  1001  1099  1100          1200
//   a     out   -     -     out: 100 ms after the one that was let through
t.test("deduplicate: within a time of the one that was let through", async (t) => {
  const step = deduplicate({ by: "msg.id", withinMs: 100 });
  const times: Timed[] = [
    [1_000, { id: "a", n: 0 }],
    [1_001, { id: "a", n: 1 }],
    [1_001, { id: 1, n: 2 }],
    [1_099, { id: "a", n: 3 }],
    [1_100, { id: "a", n: 4 }],
    [1_101, { n: 5 }],
    [1_101, { n: 6 }],
    [1_199, { id: "a", n: 7 }],
    [1_200, { id: "a", n: 8 }],
  ];
  const found = await cleaned([step], times);
  t.same(
    found.map((msg) => (msg as { n: number }).n),
    [0, 2, 4, 5, 6, 8],
  );
});

t.test("cleaning: what cannot be is refused", (t) => {
  const wrong = { code: "OPTIONS_INVALID" };
  t.throws(() => fillMissing("msg.v", { with: "first" as "last" }), wrong);
  t.throws(() => fillMissing("v", { with: "last" }), wrong);
  t.throws(() => deduplicate({ by: "msg.v", withinMs: 0 }), wrong);
  t.throws(() => zScore("msg.v", { table: "No Table" }), wrong);
  t.throws(() => pipe(zScore("msg.v"), zScore("msg.v")), { ...wrong, message: /z-score-v/ });
  t.ok(pipe(zScore("msg.v"), zScore("msg.v", { table: "other" })));
  t.end();
});
