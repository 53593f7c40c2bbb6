import t from "tap";
import { kMeans } from "../../../../consumers/models/learners/k-means.js";
import type { LearnerState, Shape } from "../../../../consumers/models/learners/learner.js";
import { randomOf, rowsOf } from "../trees/samples.js";
import { learnAll, opened } from "./streams.js";

const shape: Shape = { width: 2, task: "clusters", classes: 1, seed: 1 };

/** Rows around the corners of a square, each corner as often as the next. */
function corners(count: number, seed: number) {
  const next = randomOf(seed);
  const values = Array.from({ length: count }, (_, i) => [
    (i & 1 ? 5 : -5) + next() - 0.5,
    (i & 2 ? 5 : -5) + next() - 0.5,
  ]).flat();
  return rowsOf(2, values, new Array(count).fill(0));
}

t.test("kmeans: finds groups that lie apart, from any seed", async (t) => {
  for (let seed = 1; seed <= 10; seed++) {
    const learner = opened(kMeans, { ...shape, seed }, { clusters: 4, startRows: 40 });
    await learnAll(learner, corners(2_000, seed));
    const groups = await learner.predict(corners(400, 99));
    for (let corner = 0; corner < 4; corner++) {
      const own = groups.filter((_, i) => (i & 3) === corner);
      t.ok(own.every((group) => group === own[0]));
    }
    t.equal(new Set(groups).size, 4, `seed ${seed}`);
  }
});

t.test("kmeans: a centre is the mean of the rows that were its own", async (t) => {
  const learner = opened(kMeans, shape, { clusters: 1, startRows: 1 });
  await learner.learn(rowsOf(2, [1, 2, 3, 6, 8, 1], [0, 0, 0]));
  const { centres } = learner.save() as LearnerState & { centres: Float64Array };
  t.ok(Math.abs(centres[0]! - 4) < 1e-12 && Math.abs(centres[1]! - 3) < 1e-12, `${centres}`);
});

t.test("kmeans: with a least rate, centres follow what moves", async (t) => {
  const settled = opened(kMeans, shape, { clusters: 1, startRows: 1 });
  const lively = opened(kMeans, shape, { clusters: 1, startRows: 1, minRate: 0.1 });
  for (const learner of [settled, lively]) {
    await learnAll(learner, rowsOf(2, new Array(2_000).fill(0), new Array(1_000).fill(0)));
    await learnAll(learner, rowsOf(2, new Array(200).fill(1), new Array(100).fill(0)));
  }
  t.ok((settled.save().centres as Float64Array)[0]! < 0.1);
  t.ok((lively.save().centres as Float64Array)[0]! > 0.99);
});

t.test("kmeans: fewer different rows than clusters are no trouble", async (t) => {
  const learner = opened(kMeans, shape, { clusters: 4, startRows: 8 });
  await learnAll(learner, rowsOf(2, new Array(16).fill(3), new Array(8).fill(0)));
  t.same([...(await learner.predict(rowsOf(2, [3, 3, 4, 4], [0, 0])))], [0, 0]);
});

t.test("kmeans: all rows are in group 0 until enough are there to start from", async (t) => {
  const learner = opened(kMeans, shape, { clusters: 4, startRows: 40 });
  await learnAll(learner, corners(39, 1));
  t.ok((await learner.predict(corners(8, 2))).every((group) => group === 0));
  await learnAll(learner, corners(1, 3));
  t.equal(new Set(await learner.predict(corners(8, 2))).size, 4);
});
