import t, { type Test } from "tap";
import { completeHyper } from "../../../../../consumers/models/learners/hyper.js";
import type {
  LabelledRows,
  OnlineLearner,
  Task,
} from "../../../../../consumers/models/learners/learner.js";
import { type MlpHyper, mlp } from "../../../../../consumers/models/learners/network/mlp.js";
import { decodeState, encodeState } from "../../../../../consumers/models/learners/state-codec.js";
import { withoutRuntime as skip } from "../../runtime/with-runtime.js";
import { distance, labelledRows, width } from "./cases.js";
import { predictedByFile } from "./exported.js";

const shapeOf = (task: Task, seed = 7) => ({
  width,
  task,
  classes: task === "classes" ? 4 : 2,
  seed,
});

async function opened(t: Test, task: Task, hyper: Partial<MlpHyper> = {}, seed = 7) {
  const learner = await mlp.open(shapeOf(task, seed), completeHyper(mlp, hyper));
  t.teardown(() => learner.close?.());
  return learner;
}

/** Steps of rows that follow from their numbers. */
const stepsOf = (count: number, task: Task, rows = 32): LabelledRows[] =>
  Array.from({ length: count }, (_, index) => labelledRows(index, rows, task));

async function learnt(learner: OnlineLearner, steps: readonly LabelledRows[]) {
  for (const step of steps) await learner.learn(step);
  return learner;
}

const bits = (learner: OnlineLearner) => JSON.stringify(encodeState(learner.save()));

for (const task of mlp.tasks) {
  t.test(`mlp, ${task}: learns what is not linear`, { skip }, async (t) => {
    const learner = await opened(t, task);
    const test = labelledRows(1000, 500, task);
    const wrong = async () => {
      const found = await learner.predict(test);
      const { outputs } = learner;
      return test.labels.reduce((total, label, row) => {
        const own = found.subarray(row * outputs, (row + 1) * outputs);
        if (task === "regression") return total + Math.abs(own[0]! - label);
        const guess = task === "binary" ? Number(own[0]! > 0.5) : own.indexOf(Math.max(...own));
        return total + Number(guess !== label);
      }, 0);
    };
    const before = await wrong();
    await learner.learnMany!(stepsOf(600, task));
    const after = await wrong();
    t.ok(after < before / 4, `${before} before, ${after} after`);
  });

  t.test(`mlp, ${task}: the same bits in one go as step by step`, { skip }, async (t) => {
    // 40 do not go in one run, and the last step is a short one.
    const steps = [...stepsOf(40, task), labelledRows(99, 5, task)];
    const single = await opened(t, task);
    const one: Float64Array[] = [];
    for (const step of steps) {
      one.push(await single.predict(step));
      await single.learn(step);
    }
    const many = await opened(t, task);
    t.strictSame(await many.learnMany!(steps), one);
    t.equal(bits(many), bits(single));
  });

  t.test(`mlp, ${task}: goes on from a saved state as if nothing had been`, { skip }, async (t) => {
    const steps = stepsOf(30, task);
    const whole = await learnt(await opened(t, task), steps);
    const half = await learnt(await opened(t, task), steps.slice(0, 13));
    const state = decodeState(JSON.parse(bits(half)));
    const hyper = completeHyper(mlp);
    const restored = await mlp.open(shapeOf(task), hyper, state);
    t.teardown(() => restored.close?.());
    t.equal(bits(restored), bits(half));
    await learnt(half, steps.slice(13, 20));
    await learnt(restored, steps.slice(13));
    t.equal(bits(restored), bits(whole), "whatever the other one learnt since");
  });

  t.test(`mlp, ${task}: the exported file predicts the same`, { skip }, async (t) => {
    const learner = await learnt(await opened(t, task, { hidden: [16, 8] }), stepsOf(20, task));
    const rows = labelledRows(500, 300, task);
    const off = distance(await predictedByFile(learner, rows), await learner.predict(rows));
    t.ok(off < 1e-5, `differs by ${off}`);
  });
}

t.test("mlp: labels may be of any size", { skip }, async (t) => {
  const steps = stepsOf(300, "regression").map((step) => ({
    ...step,
    labels: step.labels.map((label) => 50_000 + 3_000 * label),
  }));
  const learner = await opened(t, "regression");
  await learner.learnMany!(steps);
  const test = labelledRows(1000, 300, "regression");
  const found = await learner.predict(test);
  const mean =
    test.labels.reduce((sum, y, row) => sum + Math.abs(50_000 + 3_000 * y - found[row]!), 0) / 300;
  t.ok(mean < 300, `off by ${mean}`);
  const file = await predictedByFile(learner, test);
  t.ok(
    distance(
      file.map((value) => value / 50_000),
      found.map((value) => value / 50_000),
    ) < 1e-5,
  );
});

t.test(
  "mlp: the first prediction of values is not informed by their labels",
  { skip },
  async (t) => {
    const learner = await opened(t, "regression");
    const step = { ...labelledRows(1, 32, "regression"), labels: new Float64Array(32).fill(1e6) };
    const [first] = await learner.learnMany!([step]);
    t.ok(first!.every((value) => Math.abs(value) < 10));
    const next = await learner.predict(step);
    t.ok(next.every((value) => Math.abs(value - 1e6) < 100));
  },
);

t.test(
  "mlp: a row of weight 0 teaches nothing, one of weight 2 as much as two",
  { skip },
  async (t) => {
    const rows = labelledRows(1, 4, "binary");
    const weighted = (weights: readonly number[]) => ({
      ...rows,
      weights: Float64Array.from(weights),
    });
    const other = { ...weighted([1, 1, 0, 1]), labels: rows.labels.slice() };
    other.labels[2] = 1 - rows.labels[2]!;
    const one = await learnt(await opened(t, "binary", { optimiser: "sgd" }), [
      weighted([1, 1, 0, 1]),
    ]);
    const same = await learnt(await opened(t, "binary", { optimiser: "sgd" }), [other]);
    t.equal(bits(one), bits(same));
    const doubled = await learnt(await opened(t, "binary", { optimiser: "sgd", rate: 0.1 }), [
      weighted([2, 2, 2, 2]),
    ]);
    const faster = await learnt(await opened(t, "binary", { optimiser: "sgd", rate: 0.2 }), [
      weighted([1, 1, 1, 1]),
    ]);
    const parametersOf = (learner: OnlineLearner) => learner.save().parameters as Float32Array;
    t.ok(distance(parametersOf(doubled), parametersOf(faster)) < 1e-7);
  },
);

t.test("mlp: the seed decides where it begins", { skip }, async (t) => {
  const [one, same, other] = [
    await opened(t, "binary", {}, 1),
    await opened(t, "binary", {}, 1),
    await opened(t, "binary", {}, 2),
  ];
  t.equal(bits(one), bits(same));
  t.not(bits(one), bits(other));
});

t.test("mlp: a state that is not its own is refused", { skip }, async (t) => {
  const learner = await opened(t, "binary");
  const state = learner.save();
  const hyper = completeHyper(mlp);
  const shape = shapeOf("binary");
  for (const wrong of [
    { ...state, steps: -1 },
    { ...state, labels: [Number.NaN] },
    { ...state, parameters: new Float64Array(1) },
    { ...state, momentum: (state.momentum as Float32Array).slice(1) },
    {},
  ])
    await t.rejects(async () => mlp.open(shape, hyper, wrong), { code: "STATE_CORRUPT" });
});

t.test("mlp: a class that there is not is a programmer's mistake", { skip }, async (t) => {
  const learner = await opened(t, "classes");
  const rows = { ...labelledRows(1, 2, "classes"), labels: Float64Array.of(0, 4) };
  await t.rejects(async () => learner.learn(rows), RangeError);
});

t.test("mlp: hyperparameters are checked", async (t) => {
  const wrong = {
    hidden: [],
    activation: "sigmoid" as "tanh",
    optimiser: "lbfgs" as "sgd",
    rate: 0,
    decay: -1,
    l1: Number.NaN,
    l2: 11,
    stepRows: 4097,
  };
  const problems = (given: Partial<MlpHyper>): string[] => {
    try {
      completeHyper(mlp, given);
      return [];
    } catch (error) {
      return (error as { details: { problems: string[] } }).details.problems;
    }
  };
  t.same(
    problems(wrong)
      .map((problem) => problem.split(" ")[0])
      .sort(),
    Object.keys(wrong).sort(),
  );
  t.same(problems({ hidden: new Array(8).fill(4096), stepRows: 4096 }), []);
  t.match(problems({ hidden: new Array(9).fill(1) }), [/hidden must be at most 8 layers/]);
  t.match(problems({ hidden: [4097] }), [/hidden \[0\] must be a whole number/]);
});
