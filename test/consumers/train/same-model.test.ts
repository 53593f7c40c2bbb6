import t from "tap";
import type { Bus } from "../../../bus/index.js";
import { train } from "../../../consumers/train/train.js";
import type { TrainSpec } from "../../../consumers/train/train-spec.js";
import { below, loops, patienceMs, seeded } from "../../bus/seed.js";
import { over } from "../over-log.js";
import { ordersBus, returned, trainedIn } from "./orders.js";
import { plainLogistic } from "./plain-logistic.js";

t.setTimeout(patienceMs);
const runs = loops("FEDBUS_TRAIN_RUNS", 2);

/** Ways to learn the same thing, each with something of its own to keep over a restart. */
const ways: Readonly<Record<string, Partial<TrainSpec>>> = {
  "row by row": { model: plainLogistic as never },
  "in steps that do not divide anything": {
    model: plainLogistic as never,
    hyper: { stepRows: 7 },
    every: { rows: 900 },
  },
  "by event time, balanced": {
    model: plainLogistic as never,
    every: { ms: 700_000 },
    classWeights: "balanced",
  },
  "trees over a sliding window": {
    model: "gbdt",
    hyper: { trees: 8, rowShare: 0.7 },
    window: { rows: 1_100 },
    every: { rows: 700 },
  },
  "trees over a reservoir, with fewer of a class": {
    model: "forest",
    hyper: { trees: 5 },
    window: { reservoir: 800 },
    downsample: { class: true, keep: 0.6 },
    drift: { refit: true, delta: 0.3 },
  },
};

async function outcome(bus: Bus, spec: TrainSpec, options: Parameters<typeof over>[2] = {}) {
  const { bytes, sha256, outputs } = await over(bus, train(spec), options);
  return { bytes, sha256, models: trainedIn(outputs).map((model) => model.sha256) };
}

for (const [name, way] of Object.entries(ways))
  t.test(`train: ${name}, the same bytes in commits of any size and after any stop`, async (t) => {
    const random = seeded(t);
    await using bus = await ordersBus(2_600, 5);
    const spec: TrainSpec = { ...returned, baseline: false, minRows: 512, ...way };
    const whole = await outcome(bus, spec);
    t.ok(whole.models.length > 1, `${whole.models.length} models`);
    for (let run = 0; run < runs; run++) {
      const commitEventsMax = 1 + below(random, 400);
      const steps = Math.ceil(3 * (2_600 / commitEventsMax));
      const crashAt = Array.from({ length: 5 }, () => 1 + below(random, steps));
      const parted = await outcome(bus, spec, { limits: { commitEventsMax }, crashAt });
      t.strictSame(parted.models, whole.models, `the same models in commits of ${commitEventsMax}`);
      t.equal(parted.bytes, whole.bytes, "the same outputs");
      t.equal(parted.sha256, whole.sha256, "the same state");
    }
    const other = await outcome(bus, { ...spec, seed: 1 });
    t.not(other.models[0], whole.models[0], "another seed is another model");
  });
