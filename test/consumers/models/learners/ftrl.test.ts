import t from "tap";
import { ftrl } from "../../../../consumers/models/learners/ftrl.js";
import type { Shape } from "../../../../consumers/models/learners/learner.js";
import { randomRows, rowsOf } from "../trees/samples.js";
import { aucOf, learnAll, opened, prequential } from "./streams.js";

const shape: Shape = { width: 3, task: "binary", classes: 2, seed: 1 };

/** Yes with the chance that a logistic function of the first two columns gives. */
const logistic = (row: Float64Array, noise: number) =>
  noise < 1 / (1 + Math.exp(-(2 * row[0]! - row[1]! + 0.5))) ? 1 : 0;

t.test("ftrl: the first steps are those of the paper's algorithm 1", async (t) => {
  const [alpha, beta, l1, l2] = [0.1, 1, 0.3, 0.5];
  const learner = opened(ftrl, { ...shape, width: 1 }, { alpha, beta, l1, l2 });
  let [z, n, w] = [0, 0, 0];
  let [biasZ, biasN, bias] = [0, 0, 0];
  for (const [x, y] of [
    [1.5, 1],
    [-0.5, 0],
    [2, 0],
    [3, 1],
  ] as const) {
    const p = 1 / (1 + Math.exp(-(w * x + bias)));
    const [answer] = await learner.predict(rowsOf(1, [x], [0]));
    t.ok(Math.abs(answer! - p) < 1e-15);
    learner.learn(rowsOf(1, [x], [y]));
    const g = (p - y) * x;
    z += g - ((Math.sqrt(n + g * g) - Math.sqrt(n)) / alpha) * w;
    n += g * g;
    w = Math.abs(z) <= l1 ? 0 : -(z - Math.sign(z) * l1) / ((beta + Math.sqrt(n)) / alpha + l2);
    biasZ += p - y - ((Math.sqrt(biasN + (p - y) ** 2) - Math.sqrt(biasN)) / alpha) * bias;
    biasN += (p - y) ** 2;
    bias = -biasZ / ((beta + Math.sqrt(biasN)) / alpha);
  }
});

t.test("ftrl: learns the odds of a stream", async (t) => {
  const rows = randomRows(20_000, 3, 1, logistic, 0);
  const learner = opened(ftrl, shape);
  const answers = await prequential(learner, rows);
  const odds = rows.labels.map((_, i) => 2 * rows.values[3 * i]! - rows.values[3 * i + 1]!);
  const known = aucOf(rows.labels.subarray(10_000), odds.subarray(10_000));
  const learnt = aucOf(rows.labels.subarray(10_000), answers.subarray(10_000));
  t.ok(learnt > known - 0.003, `${learnt}, where the odds themselves give ${known}`);
  const [even] = await learner.predict(rowsOf(3, [0, 0.5, 0], [0]));
  t.ok(Math.abs(even! - 0.5) < 0.05, `${even}`);
});

t.test("ftrl: a high l1 leaves weights without evidence at exactly 0", async (t) => {
  const rows = randomRows(5_000, 3, 2, logistic, 0);
  const learner = await learnAll(opened(ftrl, shape, { l1: 60 }), rows);
  const [one, other] = await learner.predict(rowsOf(3, [1, 1, -2, 1, 1, 2], [0, 0]));
  t.equal(one, other, "the third column tells nothing");
  const [high, low] = await learner.predict(rowsOf(3, [1, 0, 0, -1, 0, 0], [0, 0]));
  t.ok(high! > low! + 0.3);
});

t.test("ftrl: a row of weight 0 changes nothing", async (t) => {
  const learner = opened(ftrl, shape);
  const before = learner.save();
  await learner.learn(rowsOf(3, [1, 2, 3], [1], [0]));
  t.same(learner.save(), before);
});
