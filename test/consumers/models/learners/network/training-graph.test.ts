import t from "tap";
import { initialWeights } from "../../../../../consumers/models/learners/network/initial-weights.js";
import { parameterCount } from "../../../../../consumers/models/learners/network/network-spec.js";
import type { Steps } from "../../../../../consumers/models/learners/network/step-batch.js";
import { stepRate } from "../../../../../consumers/models/learners/network/step-rate.js";
import {
  firstVectors,
  TrainingSessions,
} from "../../../../../consumers/models/learners/network/training-sessions.js";
import { withoutRuntime as skip } from "../../runtime/with-runtime.js";
import { distance, labelledRows, numbers, specs, stepOf, taskOf } from "./cases.js";
import { ReferenceNetwork, type Step } from "./reference-network.js";

/** Steps of equally many rows, as graphs take them. */
const batchOf = (steps: readonly Step[], rates: readonly number[]): Steps => ({
  steps: steps.length,
  count: steps[0]!.rows.length,
  rows: Float32Array.from(steps.flatMap(({ rows }) => rows.flat())),
  targets: Float32Array.from(steps.flatMap(({ targets }) => targets.flat())),
  shares: Float32Array.from(steps.flatMap(({ shares }) => shares)),
  rates: Float32Array.from(rates),
});

for (const [name, spec] of Object.entries(specs)) {
  const outputs = spec.layers.at(-1)!;
  const task = taskOf[spec.link];
  const parameters = initialWeights(spec, 5).map((value, index) => value + 0.01 * Math.sin(index));
  const batch = (seed: number) => stepOf(labelledRows(seed, 64, task), outputs);

  t.test(`${name}: the reference's gradient is the slope of its loss`, async (t) => {
    const reference = new ReferenceNetwork(spec, parameters);
    const step = batch(1);
    const gradient = reference.gradient(step);
    const slope = parameters.map(() => 0);
    const slopes = Float64Array.from(slope);
    for (let index = 0; index < parameters.length; index++) {
      const kept = reference.parameters[index]!;
      const lossAt = (value: number) => {
        reference.parameters[index] = value;
        return reference.loss(step);
      };
      slopes[index] = (lossAt(kept + 1e-5) - lossAt(kept - 1e-5)) / 2e-5;
      reference.parameters[index] = kept;
    }
    t.ok(distance(gradient, slopes) < 1e-8, `differs by ${distance(gradient, slopes)}`);
  });

  t.test(`${name}: the graph's gradient is the reference's`, { skip }, async (t) => {
    // By plain descent a step at rate 1 goes down the gradient itself.
    const sessions = new TrainingSessions({ ...spec, optimiser: "sgd" });
    t.teardown(() => sessions.close());
    const step = batch(1);
    const [prediction, after] = await sessions.learn({ parameters }, batchOf([step], [1]));
    const reference = new ReferenceNetwork(spec, parameters);
    const gradient = parameters.map((value, index) => value - after.parameters![index]!);
    const off = distance(gradient, reference.gradient(step));
    t.ok(off < 1e-6, `gradient differs by ${off}`);
    const wanted = step.rows.flatMap((row) => reference.predict(row));
    t.ok(distance(prediction, wanted) < 1e-6, "predictions are those of the old parameters");
  });

  t.test(`${name}: after 200 steps the parameters are the reference's`, { skip }, async (t) => {
    const sessions = new TrainingSessions(spec);
    t.teardown(() => sessions.close());
    const reference = new ReferenceNetwork(spec, parameters);
    const rate = {
      optimiser: spec.optimiser,
      rate: spec.optimiser === "adam" ? 0.003 : 0.1,
      decay: 0,
    };
    let vectors = firstVectors(spec, parameters);
    const [first, last] = [reference.loss(batch(1)), () => reference.loss(batch(1))];
    for (let index = 0; index < 200; index++) {
      const step = batch(index % 20);
      const now = Math.fround(stepRate(rate, index));
      [, vectors] = await sessions.learn(vectors, batchOf([step], [now]));
      reference.learn(step, now);
    }
    const off = distance(vectors.parameters!, reference.parameters);
    t.ok(off < 1e-5, `differs by ${off}`);
    t.ok(last() < first, "and the loss is smaller");
  });

  t.test(`${name}: many steps in one run have the bits of single ones`, { skip }, async (t) => {
    const sessions = new TrainingSessions(spec);
    t.teardown(() => sessions.close());
    const steps = Array.from({ length: 40 }, (_, index) => batch(index));
    const rates = steps.map((_, index) => 0.01 / (index + 1));
    let vectors = firstVectors(spec, parameters);
    const single: number[] = [];
    for (const [index, step] of steps.entries()) {
      const [prediction, next] = await sessions.learn(vectors, batchOf([step], [rates[index]!]));
      single.push(...prediction);
      vectors = next;
    }
    const [predictions, scanned] = await sessions.learn(
      firstVectors(spec, parameters),
      batchOf(steps, rates),
    );
    t.same(Buffer.from(predictions.buffer), Buffer.from(Float32Array.from(single).buffer));
    for (const [vector, values] of Object.entries(vectors))
      t.same(Buffer.from(scanned[vector]!.buffer), Buffer.from(values.buffer), vector);
  });

  t.test(`${name}: predicting has the bits that learning predicts with`, { skip }, async (t) => {
    const sessions = new TrainingSessions(spec);
    t.teardown(() => sessions.close());
    const vectors = firstVectors(spec, parameters);
    const feeds = batchOf([batch(3)], [0.1]);
    const [whileLearning] = await sessions.learn(vectors, feeds);
    const predicted = await sessions.predict(vectors, feeds.rows);
    t.same(Buffer.from(predicted.buffer), Buffer.from(whileLearning.buffer));
  });
}

t.test("weights begin around 0, within the bounds of He and Glorot, by the seed", async (t) => {
  const relu = specs["relu, values, adam"]!;
  const [he, glorot] = [Math.sqrt(6 / 6), Math.sqrt(6 / 17)];
  const weights = initialWeights(relu, 1);
  t.equal(weights.length, parameterCount(relu));
  const hidden = weights.subarray(0, 96);
  t.ok(Math.max(...hidden) <= he && Math.max(...hidden) > 0.8 * he);
  t.ok(Math.min(...hidden) >= -he && Math.min(...hidden) < -0.8 * he);
  t.same([...weights.subarray(96, 112)], new Array(16).fill(0), "biases are 0");
  const output = weights.subarray(112, 128);
  t.ok(Math.max(...output.map(Math.abs)) <= glorot);
  t.same(initialWeights(relu, 1), weights);
  t.notSame(initialWeights(relu, 2), weights);
  t.notSame(initialWeights(relu, 2 ** 40 + 1), weights);
});

t.test("a step's rate falls as declared, and Adam's first steps are corrected", async (t) => {
  const sgd = { optimiser: "sgd", rate: 0.1, decay: 0 } as const;
  t.equal(stepRate(sgd, 1000), 0.1);
  t.equal(stepRate({ ...sgd, decay: 0.03 }, 100), 0.05);
  // The first step of Adam is rate × sign of the gradient, so its factor is sqrt(0.001) / 0.1.
  t.ok(
    Math.abs(stepRate({ ...sgd, optimiser: "adam" }, 0) - (0.1 * Math.sqrt(0.001)) / 0.1) < 1e-12,
  );
  t.ok(Math.abs(stepRate({ ...sgd, optimiser: "adam" }, 100_000) - 0.1) < 1e-12);
  t.not(numbers(1)(), numbers(2)());
});
