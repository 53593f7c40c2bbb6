import t from "tap";
import { completeHyper } from "../../../../consumers/models/learners/hyper.js";
import type { LabelledRows, Shape } from "../../../../consumers/models/learners/learner.js";
import { decodeState, encodeState } from "../../../../consumers/models/learners/state-codec.js";
import { boostedTrees } from "../../../../consumers/models/trees/boosted-trees.js";
import type { BoostingHyper } from "../../../../consumers/models/trees/boosting.js";
import { forest } from "../../../../consumers/models/trees/forest-kind.js";
import type { TreePredictor } from "../../../../consumers/models/trees/tree-predictor.js";
import { fileOf, parityOf, withoutOnnxRuntime } from "../exported.js";
import { crossed, curved, inThree, randomRows, rowsOf } from "./samples.js";

const binary: Shape = { width: 4, task: "binary", classes: 2, seed: 1 };

async function fit(
  rows: LabelledRows,
  shape: Shape,
  given: Partial<BoostingHyper> = {},
): Promise<TreePredictor> {
  const hyper = completeHyper(boostedTrees, { trees: 30, ...given });
  return (await boostedTrees.fit(rows, shape, hyper)) as TreePredictor;
}

/** The share of rows where the answer is nearer to another class. */
function errorRate(predictor: TreePredictor, rows: LabelledRows): number {
  const answers = predictor.predict(rows);
  let wrong = 0;
  for (let row = 0; row < rows.count; row++) {
    const width = predictor.outputs;
    const part = [...answers.subarray(row * width, row * width + width)];
    const answer = width === 1 ? Math.round(part[0]!) : part.indexOf(Math.max(...part));
    if (answer !== rows.labels[row]) wrong++;
  }
  return wrong / rows.count;
}

function squaredError(predictor: TreePredictor, rows: LabelledRows): number {
  const answers = predictor.predict(rows);
  return (
    rows.labels.reduce((sum, label, row) => sum + (label - answers[row]!) ** 2, 0) / rows.count
  );
}

t.test("gbdt: learns what depends on two columns together", async (t) => {
  const predictor = await fit(randomRows(3_000, 4, 1, crossed), binary);
  const rate = errorRate(predictor, randomRows(2_000, 4, 2, crossed));
  // Noise alone makes 0.156 of the rows unlike what the columns say.
  t.ok(rate < 0.19, `${rate}`);
});

t.test("gbdt: learns a curve and classes", async (t) => {
  const curve = await fit(randomRows(3_000, 4, 1, curved), {
    ...binary,
    task: "regression",
    classes: 1,
  });
  const error = squaredError(curve, randomRows(2_000, 4, 2, curved));
  t.ok(error < 0.4, `${error}, of which noise alone is 0.083`);
  const three = await fit(randomRows(3_000, 4, 1, inThree), {
    ...binary,
    task: "classes",
    classes: 3,
  });
  const rate = errorRate(three, randomRows(2_000, 4, 2, inThree));
  t.ok(rate < 0.25, `${rate}`);
  const answers = three.predict(randomRows(10, 4, 2, inThree));
  for (let row = 0; row < 10; row++) {
    const sum = answers.subarray(row * 3, row * 3 + 3).reduce((a, b) => a + b);
    t.ok(Math.abs(sum - 1) < 1e-12, "classes' probabilities add up to 1");
  }
});

t.test("gbdt: a weight counts like as many rows", async (t) => {
  const rows = randomRows(400, 4, 3, crossed);
  const twice = rowsOf(4, [...rows.values, ...rows.values], [...rows.labels, ...rows.labels]);
  const heavy = rowsOf(4, rows.values, rows.labels, new Array(400).fill(2));
  const limits = { minRows: 1, maxLeaves: 4, bins: 1_000 };
  const one = (await fit(heavy, binary, limits)).predict(rows);
  const other = (await fit(twice, binary, limits)).predict(rows);
  t.ok(one.every((answer, row) => Math.abs(answer - other[row]!) < 1e-6));
});

t.test(
  "gbdt: the same rows and seed give the same file; drawing rows or columns depends on the seed",
  async (t) => {
    const rows = randomRows(1_000, 4, 4, crossed);
    const file = async (seed: number, given: Partial<BoostingHyper>) =>
      fileOf(await fit(rows, { ...binary, seed }, given), 4);
    for (const given of [{}, { rowShare: 0.5 }, { columnShare: 0.5 }])
      t.ok((await file(1, given)).equals(await file(1, given)));
    t.ok((await file(1, {})).equals(await file(2, {})), "nothing is drawn");
    t.notOk((await file(1, { rowShare: 0.5 })).equals(await file(2, { rowShare: 0.5 })));
    t.notOk((await file(1, { columnShare: 0.5 })).equals(await file(2, { columnShare: 0.5 })));
  },
);

t.test("gbdt: learns as well from drawn rows and columns", async (t) => {
  const drawn = { rowShare: 0.5, columnShare: 0.75, trees: 60 };
  const predictor = await fit(randomRows(3_000, 4, 1, crossed), binary, drawn);
  const rate = errorRate(predictor, randomRows(2_000, 4, 2, crossed));
  t.ok(rate < 0.2, `${rate}`);
});

t.test("gbdt: stops when the held back tail gets no better, and keeps the best", async (t) => {
  const rows = randomRows(1_000, 4, 5, (_, noise) => (noise > 0.5 ? 1 : 0));
  const stopped = await fit(rows, binary, { trees: 500, holdout: 0.2, patience: 5 });
  const all = await fit(rows, binary, { trees: 500 });
  t.ok(fileOf(stopped, 4).length * 20 < fileOf(all, 4).length, "there was nothing to learn");
  const learnable = randomRows(2_000, 4, 6, crossed);
  const kept = await fit(learnable, binary, { trees: 500, holdout: 0.2, patience: 10 });
  const fresh = randomRows(2_000, 4, 7, crossed);
  t.ok(errorRate(kept, fresh) <= errorRate(await fit(learnable, binary, { trees: 500 }), fresh));
});

t.test("gbdt: what is saved and restored answers with the same bits", async (t) => {
  const rows = randomRows(500, 4, 8, inThree);
  const shape: Shape = { ...binary, task: "classes", classes: 3 };
  const predictor = await fit(rows, shape);
  const stored = JSON.parse(JSON.stringify(encodeState(predictor.save())));
  const restored = boostedTrees.restore(decodeState(stored), shape);
  t.same(restored.predict(rows), predictor.predict(rows));
  t.ok(fileOf(restored, 4).equals(fileOf(predictor, 4)));
});

t.test("gbdt: the parts that features contribute add up to the score", async (t) => {
  const shape: Shape = { ...binary, task: "regression", classes: 1 };
  const rows = randomRows(1_000, 4, 9, curved);
  const { ensemble } = await fit(rows, shape);
  const scores = ensemble.scores(rows);
  for (let row = 0; row < 50; row++) {
    const parts = ensemble.contributions(rows.values.subarray(row * 4, row * 4 + 4));
    t.equal(parts.length, 5);
    t.ok(Math.abs(parts.reduce((a, b) => a + b) - scores[row]!) < 1e-5);
  }
  const unused = rowsOf(2, [1, 7, 2, 7, 3, 7, 4, 7], [1, 2, 3, 4]);
  const small = await fit(unused, { ...shape, width: 2 }, { minRows: 1 });
  t.equal(small.ensemble.contributions([1, 7])[1], 0, "a column that never differs");
});

t.test("gbdt: ONNX Runtime answers the same", { skip: withoutOnnxRuntime }, async (t) => {
  const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-50, -1e30, 0.1];
  const values = Array.from({ length: 4 * 36 }, (_, i) => odd[(i * 5 + (i >> 2)) % odd.length]!);
  const oddRows = rowsOf(4, values, new Array(36).fill(0));
  for (const [shape, labelOf] of [
    [{ ...binary, task: "regression", classes: 1 }, curved],
    [binary, crossed],
    [{ ...binary, task: "classes", classes: 3 }, inThree],
  ] as const) {
    const predictor = await fit(randomRows(2_000, 4, 10, labelOf), shape, {
      trees: 100,
      minRows: 2,
    });
    const difference = await parityOf(predictor, randomRows(3_000, 4, 11, labelOf));
    t.ok(difference < 1e-6, `${shape.task}: ${difference}`);
    t.ok((await parityOf(predictor, oddRows)) < 1e-6, `${shape.task}: odd values`);
  }
});

t.test("gbdt: refuses hyperparameters that it cannot keep to, all at once", async (t) => {
  const wrong = { trees: 0, learningRate: 2, rounds: 3 } as Partial<BoostingHyper>;
  t.throws(() => completeHyper(boostedTrees, wrong), {
    code: "OPTIONS_INVALID",
    message: /rounds is not an option.*trees.*learningRate/s,
  });
});

t.test("gbdt and forest: others have their turn while a model is fitted", async (t) => {
  const rows = randomRows(2_000, 4, 1, crossed);
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  await fit(rows, binary, { trees: 200 });
  t.ok(turns > 10, `${turns} turns`);
  turns = 0;
  await forest.fit(rows, binary, { ...forest.defaults, trees: 50 });
  t.ok(turns > 5, `${turns} turns`);
  clearInterval(timer);
});
