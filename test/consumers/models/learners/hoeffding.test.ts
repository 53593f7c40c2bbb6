import t from "tap";
import { hoeffding } from "../../../../consumers/models/learners/hoeffding/hoeffding.js";
import { LeafStatistics } from "../../../../consumers/models/learners/hoeffding/leaf-statistics.js";
import { normalBelow } from "../../../../consumers/models/learners/hoeffding/normal.js";
import type { LearnerState, Shape } from "../../../../consumers/models/learners/learner.js";
import { crossed, inThree, randomOf, randomRows, rowsOf } from "../trees/samples.js";
import { aucOf, learnAll, opened, prequential } from "./streams.js";

const shape: Shape = { width: 4, task: "binary", classes: 2, seed: 1 };

const splitsOf = (state: LearnerState) =>
  (state.left as readonly number[]).filter((child) => child !== 0).length;

t.test("hoeffding: the normal distribution is that of the tables", async (t) => {
  for (const [z, share] of [
    [0, 0.5],
    [1, 0.8413447461],
    [-1, 0.1586552539],
    [1.959963985, 0.975],
    [-3, 0.001349898],
    [9, 1],
  ] as const)
    t.ok(Math.abs(normalBelow(z) - share) < 1e-7, `${z}`);
});

t.test("hoeffding: a leaf's best threshold is between the classes", async (t) => {
  const leaf = new LeafStatistics(2, 2);
  const next = randomOf(3);
  for (let i = 0; i < 2_000; i++) {
    const label = i % 2;
    leaf.add(Float32Array.of(next(), label === 1 ? 5 + next() : next()), label, 1);
  }
  const split = leaf.bestSplit(1)!;
  t.ok(split.merit > 0.99, "a bit is known");
  t.ok(split.threshold >= 1 && split.threshold <= 5, `${split.threshold}`);
  t.ok(leaf.bestSplit(0)!.merit < 0.01, "the other column tells nothing");
  t.equal(new LeafStatistics(2, 2).bestSplit(0), undefined);
});

t.test("hoeffding: splits when it is sure, not before, and not on noise", async (t) => {
  const clear = randomRows(1_000, 4, 1, (row) => ((row[2] || 0) > 0.5 ? 1 : 0));
  const sure = await learnAll(opened(hoeffding, shape, { grace: 50 }), clear);
  t.ok(splitsOf(sure.save()) >= 1);
  t.equal((sure.save().features as readonly number[])[0], 2);
  const noise = randomRows(3_000, 4, 1, (_, noise) => (noise > 0.5 ? 1 : 0));
  t.equal(splitsOf((await learnAll(opened(hoeffding, shape, { tie: 0 }), noise)).save()), 0);
  const one = randomRows(3_000, 4, 1, () => 1);
  t.equal(splitsOf((await learnAll(opened(hoeffding, shape), one)).save()), 0, "one class");
});

t.test("hoeffding: never has more leaves than it may", async (t) => {
  const rows = randomRows(30_000, 4, 1, crossed);
  const few = await learnAll(opened(hoeffding, shape, { maxLeaves: 3, grace: 50 }), rows);
  t.equal(splitsOf(few.save()), 2);
});

t.test("hoeffding: learns what depends on two columns together", async (t) => {
  const rows = randomRows(60_000, 4, 1, crossed, 0.02);
  const answers = await prequential(opened(hoeffding, shape), rows);
  const late = aucOf(rows.labels.subarray(40_000), answers.subarray(40_000));
  t.ok(late > 0.85, `${late}`);
});

t.test("hoeffding: answers each class's chance", async (t) => {
  const three: Shape = { ...shape, task: "classes", classes: 3 };
  const learner = await learnAll(opened(hoeffding, three), randomRows(20_000, 4, 1, inThree));
  const fresh = randomRows(2_000, 4, 2, inThree);
  const answers = await learner.predict(fresh);
  let wrong = 0;
  for (let row = 0; row < fresh.count; row++) {
    const chances = [...answers.subarray(3 * row, 3 * row + 3)];
    if (Math.abs(chances.reduce((a, b) => a + b) - 1) > 1e-9) t.fail("chances add up to 1");
    if (chances.indexOf(Math.max(...chances)) !== fresh.labels[row]) wrong++;
  }
  const often = [0, 1, 2].map((label) => fresh.labels.filter((one) => one === label).length);
  const unlearnt = 1 - Math.max(...often) / fresh.count;
  t.ok(wrong / fresh.count < 0.75 * unlearnt, `${wrong / fresh.count} of ${unlearnt}`);
  const [even] = await opened(hoeffding, shape).predict(rowsOf(4, [1, 2, 3, 4], [0]));
  t.equal(even, 0.5, "nothing is known before the first row");
});
