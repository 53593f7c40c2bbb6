import t from "tap";
import { completeHyper } from "../../../../../consumers/models/learners/hyper.js";
import type {
  LabelledRows,
  OnlineKind,
  OnlineLearner,
} from "../../../../../consumers/models/learners/learner.js";
import {
  linear,
  logistic,
  softmax,
} from "../../../../../consumers/models/learners/network/linear.js";
import {
  linkOf,
  outputsOf,
} from "../../../../../consumers/models/learners/network/link-of-task.js";
import { stepRate } from "../../../../../consumers/models/learners/network/step-rate.js";
import { decodeState, encodeState } from "../../../../../consumers/models/learners/state-codec.js";
import { withoutRuntime } from "../../runtime/with-runtime.js";
import { distance, labelledRows, stepOf, width } from "./cases.js";
import { predictedByFile } from "./exported.js";
import { ReferenceNetwork } from "./reference-network.js";

const bits = (learner: OnlineLearner) => JSON.stringify(encodeState(learner.save()));
const rowsOf = (seed: number, count: number, kind: OnlineKind<object>) =>
  labelledRows(seed, count, kind.tasks[0]!);

/** `wanted` standardised labels make the reference comparable: it knows no units. */
const standardised = (rows: LabelledRows): LabelledRows => {
  const mean = rows.labels.reduce((sum, label) => sum + label, 0) / rows.count;
  const square = rows.labels.reduce((sum, label) => sum + (label - mean) ** 2, 0) / rows.count;
  return { ...rows, labels: rows.labels.map((label) => (label - mean) / Math.sqrt(square)) };
};

const kinds: readonly OnlineKind<object>[] = [linear, logistic, softmax];

for (const kind of kinds) {
  const { name } = kind;
  const shape = { width, task: kind.tasks[0]!, classes: kind === softmax ? 4 : 2, seed: 1 };
  const open = (hyper: object = {}) =>
    kind.open(shape, completeHyper(kind, hyper)) as OnlineLearner;

  for (const optimiser of ["sgd", "adam"] as const)
    t.test(`${name}, ${optimiser}: 200 steps are the reference's`, async (t) => {
      const hyper = { optimiser, rate: 0.05, decay: 0.01, l1: 0.001, l2: 0.01 };
      const learner = open(hyper);
      const layers = [width, outputsOf(shape)];
      const spec = { ...hyper, layers, link: linkOf(shape.task), activation: "relu" } as const;
      const size = (width + 1) * outputsOf(shape);
      const reference = new ReferenceNetwork(spec, new Float64Array(size));
      // The same rows each time, since then the labels' units do not change.
      const rows = kind === linear ? standardised(rowsOf(3, 32, kind)) : rowsOf(3, 32, kind);
      for (let index = 0; index < 200; index++) {
        learner.learn(rows);
        reference.learn(stepOf(rows, outputsOf(shape)), stepRate(hyper, index));
      }
      const { parameters } = learner.save();
      const off = distance(parameters as Float64Array, reference.parameters);
      t.ok(off < 1e-9, `differs by ${off}`);
    });

  t.test(`${name}: goes on from a saved state as if nothing had been`, async (t) => {
    const steps = Array.from({ length: 30 }, (_, index) => rowsOf(index, 3, kind));
    const whole = open();
    for (const step of steps) whole.learn(step);
    const half = open();
    for (const step of steps.slice(0, 17)) half.learn(step);
    const state = decodeState(JSON.parse(bits(half)));
    const restored = kind.open(shape, completeHyper(kind), state) as OnlineLearner;
    for (const step of steps.slice(17)) restored.learn(step);
    t.equal(bits(restored), bits(whole));
    t.not(bits(half), bits(whole));
    t.throws(() => kind.open(shape, completeHyper(kind), { ...state, parameters: 1 }), {
      code: "STATE_CORRUPT",
    });
  });

  t.test(`${name}: the exported file predicts the same`, { skip: withoutRuntime }, async (t) => {
    const learner = open();
    for (let index = 0; index < 500; index++) learner.learn(rowsOf(index, 4, kind));
    const rows = rowsOf(1000, 300, kind);
    const off = distance(await predictedByFile(learner, rows), await learner.predict(rows));
    t.ok(off < 1e-5, `differs by ${off}`);
  });

  t.test(`${name}: learns event by event what there is to learn`, async (t) => {
    const learner = open();
    const truth = (x: Float64Array) => 2 * x[0]! - x[1]! + 0.5;
    const stream = rowsOf(5, 3000, kind);
    const labelFor = (row: Float64Array): number => {
      if (kind === linear) return truth(row);
      if (kind === logistic) return Number(truth(row) > 0);
      const scores = [row[0]!, row[1]!, row[2]!, 0.2];
      return scores.indexOf(Math.max(...scores));
    };
    let wrong = 0;
    for (let row = 0; row < stream.count; row++) {
      const values = stream.values.subarray(row * width, (row + 1) * width);
      const one = { width, count: 1, values };
      const found = (await learner.predict(one)) as Float64Array;
      const label = labelFor(values);
      const off =
        kind === linear
          ? Math.abs(found[0]! - label) > 0.1
          : kind === logistic
            ? Number(found[0]! > 0.5) !== label
            : found.indexOf(Math.max(...found)) !== label;
      if (row >= 2000 && off) wrong++;
      learner.learn({ ...one, labels: Float64Array.of(label), weights: Float64Array.of(1) });
    }
    t.ok(wrong < 100, `${wrong} of the last 1,000 are wrong`);
  });
}

t.test("linear: a row far out does not break what was learnt", async (t) => {
  const shape = { width, task: "regression", classes: 1, seed: 1 } as const;
  const learner = linear.open(shape, completeHyper(linear)) as OnlineLearner;
  for (let index = 0; index < 2000; index++) {
    const row = labelledRows(index, 1, "regression");
    if (index === 1500) row.values.fill(1e6);
    learner.learn(row);
  }
  const found = (await learner.predict(labelledRows(1, 100, "regression"))) as Float64Array;
  t.ok(found.every((value) => Math.abs(value) < 5));
});

t.test("softmax: scores past what exp can take are still probabilities", async (t) => {
  const shape = { width: 1, task: "classes", classes: 3, seed: 1 } as const;
  const state = {
    steps: 0,
    labels: [0, 0, 0],
    parameters: Float64Array.of(1e4, -1e4, 0, 0, 0, 0),
    momentum: new Float64Array(6),
    squares: new Float64Array(6),
  };
  const learner = softmax.open(shape, completeHyper(softmax), state) as OnlineLearner;
  const rows = { width: 1, count: 1, values: Float64Array.of(1) };
  t.same([...((await learner.predict(rows)) as Float64Array)], [1, 0, 0]);
});
