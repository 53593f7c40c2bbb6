import t from "tap";
import { halfSpaceTrees } from "../../../../consumers/models/learners/half-space-trees.js";
import type { Shape } from "../../../../consumers/models/learners/learner.js";
import { randomOf, rowsOf } from "../trees/samples.js";
import { aucOf, learnAll, opened, prequential } from "./streams.js";

const shape: Shape = { width: 3, task: "anomaly", classes: 1, seed: 1 };

/** Standardised rows near 0, and one in `every` far off. */
function rows(count: number, seed: number, every = Number.POSITIVE_INFINITY) {
  const next = randomOf(seed);
  const near = () => next() + next() + next() - 1.5;
  const labels = Array.from({ length: count }, (_, i) => (i % every === every - 1 ? 1 : 0));
  const values = labels.flatMap((label) =>
    Array.from({ length: 3 }, () =>
      label === 1 ? (next() < 0.5 ? -1 : 1) * (2 + next()) : near(),
    ),
  );
  return rowsOf(3, values, labels);
}

t.test("half-space-trees: unusual rows score higher", async (t) => {
  for (let seed = 1; seed <= 5; seed++) {
    const stream = rows(5_000, seed, 50);
    const scores = await prequential(opened(halfSpaceTrees, { ...shape, seed }), stream);
    const auc = aucOf(stream.labels.subarray(250), scores.subarray(250));
    t.ok(auc > 0.99, `seed ${seed}: ${auc}`);
    t.ok(scores.every((score) => score >= 0 && score <= 1));
  }
});

t.test("half-space-trees: nothing is unusual before the first window is full", async (t) => {
  const learner = await learnAll(opened(halfSpaceTrees, shape, { window: 100 }), rows(99, 1));
  const far = rowsOf(3, [9, 9, 9], [0]);
  t.same([...(await learner.predict(far))], [0]);
  await learnAll(learner, rows(1, 2));
  t.ok((await learner.predict(far))[0]! > 0.5);
});

t.test(
  "half-space-trees: what was unusual becomes usual when a window is full of it",
  async (t) => {
    const learner = await learnAll(opened(halfSpaceTrees, shape), rows(1_000, 1));
    const away = rowsOf(3, new Array(1_500).fill(2.5), new Array(500).fill(0));
    const place = rowsOf(3, [2.5, 2.5, 2.5], [0]);
    const [before] = await learner.predict(place);
    await learnAll(learner, away);
    const [after] = await learner.predict(place);
    t.ok(before! > after! + 0.4, `${before} then ${after}`);
  },
);

t.test("half-space-trees: trees depend on the seed", async (t) => {
  const one = await learnAll(opened(halfSpaceTrees, shape), rows(500, 1));
  const other = await learnAll(opened(halfSpaceTrees, { ...shape, seed: 2 }), rows(500, 1));
  t.notSame(one.save(), other.save());
});
