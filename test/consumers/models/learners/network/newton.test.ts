import t from "tap";
import { completeHyper } from "../../../../../consumers/models/learners/hyper.js";
import type {
  LabelledRows,
  OnlineKind,
  OnlineLearner,
} from "../../../../../consumers/models/learners/learner.js";
import { linear, logistic } from "../../../../../consumers/models/learners/network/linear.js";
import type { LinearHyper } from "../../../../../consumers/models/learners/network/linear-hyper.js";
import { distance, labelledRows, width } from "./cases.js";

function opened(kind: OnlineKind<LinearHyper>, hyper: Partial<LinearHyper> = {}, columns = width) {
  const shape = { width: columns, task: kind.tasks[0]!, classes: 2, seed: 1 };
  return kind.open(shape, completeHyper(kind, hyper)) as OnlineLearner;
}

const parametersOf = (learner: OnlineLearner) => learner.save().parameters as Float64Array;

/** Solves a x = b for a symmetric a, by elimination. */
function solved(a: number[][], b: number[]): number[] {
  const rows = a.map((row, index) => [...row, b[index]!]);
  rows.forEach((row, pivot) => {
    for (const other of rows) {
      if (other === row) continue;
      const share = other[pivot]! / row[pivot]!;
      row.forEach((value, column) => {
        other[column]! -= share * value;
      });
    }
  });
  return rows.map((row, index) => row.at(-1)! / row[index]!);
}

/**
 * The weights, bias last, that make the penalised loss of all rows smallest: by Newton's method over all
 * rows, which for values is there after one round.
 */
function fitted(rows: LabelledRows, link: (sum: number) => number, biasPenalty: number): number[] {
  let parameters = new Array<number>(width + 1).fill(0);
  for (let round = 0; round < 30; round++) {
    const penalties = parameters.map((_, index) => (index === width ? biasPenalty : 1));
    const slope = parameters.map((value, index) => penalties[index]! * value);
    const curve = penalties.map((penalty, index) =>
      penalties.map((_, other) => (index === other ? penalty : 0)),
    );
    for (let row = 0; row < rows.count; row++) {
      const x = [...rows.values.subarray(row * width, (row + 1) * width), 1];
      const found = link(x.reduce((sum, value, index) => sum + value * parameters[index]!, 0));
      const weight = rows.weights[row]!;
      const bend = weight * (link === identity ? 1 : found * (1 - found));
      x.forEach((one, index) => {
        slope[index]! += weight * (found - rows.labels[row]!) * one;
        x.forEach((other, place) => {
          curve[index]![place]! += bend * one * other;
        });
      });
    }
    const step = solved(curve, slope);
    parameters = parameters.map((value, index) => value - step[index]!);
  }
  return parameters;
}

const identity = (sum: number) => sum;
const sigmoid = (sum: number) => 1 / (1 + Math.exp(-sum));

t.test("linear: is the ridge regression of all rows, after every row, in any unit", async (t) => {
  const rows = labelledRows(1, 300, "regression");
  const large = { ...rows, labels: rows.labels.map((label) => 50_000 + 3_000 * label) };
  for (const [what, some, close] of [
    ["around 0", rows, 1e-7],
    ["around 50,000", large, 1e-2],
  ] as const) {
    const learner = opened(linear);
    learner.learn(some);
    const off = distance(parametersOf(learner), fitted(some, identity, 1e-9));
    t.ok(off < close, `${what}: differs by ${off}`);
  }
});

t.test("logistic: comes near to the regression of all rows in one pass", async (t) => {
  const rows = labelledRows(2, 4000, "binary");
  const learner = opened(logistic);
  learner.learn(rows);
  const wanted = fitted(rows, sigmoid, 0.01);
  const off = distance(parametersOf(learner), wanted);
  const size = Math.max(...wanted.map(Math.abs));
  t.ok(off < 0.05 * size, `differs by ${off}, of ${size}`);
});

t.test("newton: how rows are cut into steps changes nothing", async (t) => {
  for (const kind of [linear, logistic]) {
    const rows = labelledRows(3, 60, kind.tasks[0]!);
    const whole = opened(kind);
    whole.learn(rows);
    const cut = opened(kind);
    for (let from = 0; from < 60; from += 7) {
      const to = Math.min(60, from + 7);
      cut.learn({
        width,
        count: to - from,
        values: rows.values.slice(from * width, to * width),
        labels: rows.labels.slice(from, to),
        weights: rows.weights.slice(from, to),
      });
    }
    t.same(cut.save(), whole.save());
  }
});

t.test("newton: a row of weight 2 counts as two, one of weight 0 not at all", async (t) => {
  const rows = labelledRows(4, 3, "regression");
  const weighted = opened(linear);
  weighted.learn({ ...rows, weights: Float64Array.of(2, 0, 1) });
  const repeated = opened(linear);
  const pick = (row: number) => [...rows.values.subarray(row * width, (row + 1) * width)];
  repeated.learn({
    width,
    count: 3,
    values: Float64Array.from([...pick(0), ...pick(0), ...pick(2)]),
    labels: Float64Array.of(rows.labels[0]!, rows.labels[0]!, rows.labels[2]!),
    weights: new Float64Array(3).fill(1),
  });
  t.ok(distance(parametersOf(weighted), parametersOf(repeated)) < 1e-6);
});

t.test("newton: with drift, old rows lose their weight", async (t) => {
  const before = labelledRows(5, 3000, "regression");
  const turned = (rows: LabelledRows) => ({ ...rows, labels: rows.labels.map((y) => -y) });
  const after = turned(labelledRows(6, 300, "regression"));
  const test = turned(labelledRows(7, 200, "regression"));
  const wrong = async (drift: number) => {
    const learner = opened(linear, { drift });
    learner.learn(before);
    learner.learn(after);
    return distance((await learner.predict(test)) as Float64Array, test.labels);
  };
  const [kept, wandered] = [await wrong(0), await wrong(0.001)];
  t.ok(wandered < kept, `${wandered} with drift, ${kept} without`);
});

t.test("newton: is taken by default only where it fits", async (t) => {
  const isNewton = (hyper: Partial<LinearHyper>, columns = width) =>
    "covariance" in opened(logistic, hyper, columns).save();
  t.ok(isNewton({}));
  t.ok(isNewton({}, 64));
  t.notOk(isNewton({}, 65));
  t.notOk(isNewton({ l2: 0.1 }));
  t.notOk(isNewton({ l1: 0.1 }));
  t.notOk(isNewton({ optimiser: "sgd" }));
  t.ok(isNewton({ optimiser: "newton" }, 65));
  const newton = { optimiser: "newton" } as const;
  t.throws(() => opened(logistic, { ...newton, l1: 1 }), { code: "OPTIONS_INVALID" });
  t.doesNotThrow(() => opened(logistic, newton, 1024));
  t.throws(() => opened(logistic, newton, 1025), { code: "OPTIONS_INVALID" });
});
