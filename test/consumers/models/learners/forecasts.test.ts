import t from "tap";
import { ErrorScale } from "../../../../consumers/models/learners/forecasts/error-scale.js";
import { ewma } from "../../../../consumers/models/learners/forecasts/ewma.js";
import type { Forecaster } from "../../../../consumers/models/learners/forecasts/forecaster.js";
import { holtWinters } from "../../../../consumers/models/learners/forecasts/holt-winters.js";
import { completeHyper } from "../../../../consumers/models/learners/hyper.js";
import { forecastKinds } from "../../../../consumers/models/learners/kinds.js";
import { randomOf } from "../trees/samples.js";
import { stored } from "./streams.js";

const near = (value: number, wanted: number, within = 1e-9) => Math.abs(value - wanted) <= within;

/** Sums of twelve numbers between 0 and 1, less 6: nearly normal, with variance 1. */
function noiseOf(seed: number): () => number {
  const next = randomOf(seed);
  return () => Array.from({ length: 12 }, next).reduce((sum, one) => sum + one, -6);
}

/** A line, a season of six steps, and noise. */
function seasonal(count: number, noise = 0, seed = 1): number[] {
  const next = noiseOf(seed);
  const shape = [3, 1, -2, -4, 0, 2];
  return Array.from({ length: count }, (_, i) => 10 + 0.5 * i + shape[i % 6]! + noise * next());
}

function taught<F extends Forecaster>(forecaster: F, values: readonly number[]): F {
  for (const value of values) forecaster.learn(value);
  return forecaster;
}

t.test("ewma: each value counts alpha, what was before the rest", async (t) => {
  const forecaster = ewma.open({ ...ewma.defaults, alpha: 0.25 });
  t.ok(Number.isNaN(forecaster.forecast().value), "nothing is known at first");
  taught(forecaster, [8, 4, 0]);
  t.equal(forecaster.forecast().value, (8 * 0.75 + 4 * 0.25) * 0.75);
  t.equal(forecaster.seen, 3);
  taught(forecaster, [Number.NaN]);
  t.equal(forecaster.seen, 3, "what is missing is not learnt");
});

t.test(
  "error scale: is the root of the weighted mean of squares, from the first error on",
  async (t) => {
    const scale = new ErrorScale({ errorRate: 0.1, warmUp: 2, clip: 0 });
    scale.learn(3);
    t.ok(Number.isNaN(scale.deviation), "one error is too few");
    t.equal(scale.of(5), 0);
    scale.learn(3);
    t.ok(near(scale.deviation, 3), "without the bias of a start at 0");
    scale.learn(-6);
    t.ok(near(scale.deviation ** 2, (0.1 * 36 + 0.09 * 9 + 0.081 * 9) / 0.271));
    t.ok(near(scale.of(-2 * scale.deviation), -2));
  },
);

t.test("error scale: large errors are cut where clip says", async (t) => {
  const scale = new ErrorScale({ errorRate: 0.1, warmUp: 2, clip: 3 });
  for (const error of [1, -1, 1, -1]) t.equal(scale.learn(error), error);
  t.ok(near(scale.learn(100), 3));
  const constant = new ErrorScale({ errorRate: 0.1, warmUp: 1, clip: 3 });
  constant.learn(0);
  t.equal(constant.of(0), 0);
  t.equal(
    constant.of(-1),
    Number.NEGATIVE_INFINITY,
    "after no error at all, any is beyond measure",
  );
  t.equal(constant.learn(7), 7);
});

t.test("ewma: a z-score tells an outlier, and bounds hold what they should", async (t) => {
  const next = noiseOf(3);
  const forecaster = taught(
    ewma.open({ ...ewma.defaults, alpha: 0.05 }),
    Array.from({ length: 500 }, () => 20 + next()),
  );
  t.ok(Math.abs(forecaster.deviation(20)) < 1);
  t.ok(forecaster.deviation(26) > 4.5 && forecaster.deviation(14) < -4.5);
  let inside = 0;
  for (let i = 0; i < 2_000; i++) {
    const value = 20 + next();
    const { lower, upper } = forecaster.forecast();
    if (value >= lower && value <= upper) inside++;
    forecaster.learn(value);
  }
  t.ok(near(inside / 2_000, 0.95, 0.02), `${inside / 2_000} within 1.96 deviations`);
  const width = ({ lower, upper }: { lower: number; upper: number }) => upper - lower;
  const ratio = width(forecaster.forecast(10)) / width(forecaster.forecast(1));
  t.ok(near(ratio, Math.sqrt(1 + 9 * 0.05 ** 2)));
});

t.test("holt-winters: continues a line with a season exactly", async (t) => {
  const hyper = { ...holtWinters.defaults, season: 6 };
  const values = seasonal(60);
  const forecaster = taught(holtWinters.open(hyper), values.slice(0, 40));
  for (let step = 1; step <= 20; step++)
    t.ok(near(forecaster.forecast(step).value, values[39 + step]!, 1e-6), `${step} ahead`);
});

t.test("holt-winters: before its second season is over it forecasts the last value", async (t) => {
  const forecaster = holtWinters.open({ ...holtWinters.defaults, season: 6 });
  t.ok(Number.isNaN(forecaster.forecast().value));
  taught(forecaster, [Number.NaN, 4, 7, Number.NaN]);
  t.equal(forecaster.forecast(3).value, 7);
  t.ok(Number.isNaN(forecaster.forecast(3).upper));
  t.equal(forecaster.deviation(100), 0);
});

t.test("holt-winters: one step goes as the error-correction form says", async (t) => {
  const hyper = { ...holtWinters.defaults, season: 2, alpha: 0.3, beta: 0.1, gamma: 0.2 };
  const forecaster = taught(holtWinters.open(hyper), [1, 3, 2, 4]);
  const before = forecaster.save();
  const seasons = [...(before.seasonal as Float64Array)];
  const [level, trend] = [before.level as number, before.trend as number];
  const error = 9 - (level + trend + seasons[0]!);
  forecaster.learn(9);
  const after = forecaster.save();
  t.ok(near(after.level as number, level + trend + 0.3 * error));
  t.ok(near(after.trend as number, trend + 0.1 * error));
  t.ok(near((after.seasonal as Float64Array)[0]!, seasons[0]! + 0.2 * error));
  t.equal((after.seasonal as Float64Array)[1], seasons[1]);
});

t.test("holt-winters: time goes on where a value is missing", async (t) => {
  const hyper = { ...holtWinters.defaults, season: 6 };
  const values = seasonal(60);
  const gap = values.map((value, i) => (i >= 30 && i < 40 ? Number.NaN : value));
  const forecaster = taught(holtWinters.open(hyper), gap.slice(0, 45));
  t.ok(near(forecaster.forecast(7).value, values[51]!, 1e-6));
  const early = values.map((value, i) => (i === 3 ? Number.NaN : value));
  t.ok(near(taught(holtWinters.open(hyper), early.slice(0, 13)).forecast(3).value, values[15]!, 2));
});

t.test("holt-winters: bounds hold what they should, one step and a season ahead", async (t) => {
  const hyper = { ...holtWinters.defaults, season: 6, alpha: 0.1, beta: 0.01, gamma: 0.05 };
  const values = seasonal(6_000, 2);
  const forecaster = holtWinters.open(hyper);
  const inside = { 1: 0, 6: 0 };
  for (const [i, value] of values.entries()) {
    if (i >= 500 && i + 6 < values.length)
      for (const steps of [1, 6] as const) {
        const { lower, upper } = forecaster.forecast(steps);
        const later = values[i + steps - 1]!;
        if (later >= lower && later <= upper) inside[steps] += 1;
      }
    forecaster.learn(value);
  }
  for (const steps of [1, 6] as const)
    t.ok(near(inside[steps] / 5_494, 0.95, 0.025), `${steps} ahead: ${inside[steps] / 5_494}`);
});

t.test("holt-winters: with clip, an outlier does not spoil what follows", async (t) => {
  const hyper = { ...holtWinters.defaults, season: 6 };
  const values = seasonal(400, 1);
  values[300] = 500;
  const errorAfter = (clip: number) => {
    const forecaster = taught(holtWinters.open({ ...hyper, clip }), values.slice(0, 301));
    return Math.abs(forecaster.forecast().value - values[301]!);
  };
  t.ok(errorAfter(3) < 5 && errorAfter(0) > 50);
});

for (const [name, kind] of forecastKinds)
  t.test(`${name}: goes on from a checkpoint with the same bits, wherever it was`, async (t) => {
    const values = seasonal(100, 1).map((value, i) => (i % 17 === 3 ? Number.NaN : value));
    const hyper = completeHyper(kind, name === "ewma" ? {} : { season: 6 });
    const all = taught(kind.open(hyper), values);
    for (const at of [0, 1, 5, 12, 13, 50]) {
      const before = taught(kind.open(hyper), values.slice(0, at));
      const after = taught(kind.open(hyper, stored(before.save())), values.slice(at));
      t.same(after.save(), all.save(), `from value ${at}`);
      t.same(after.forecast(9), all.forecast(9));
    }
  });
