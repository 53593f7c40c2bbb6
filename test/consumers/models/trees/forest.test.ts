import t from "tap";
import { completeHyper } from "../../../../consumers/models/learners/hyper.js";
import type { LabelledRows, Shape } from "../../../../consumers/models/learners/learner.js";
import { decodeState, encodeState } from "../../../../consumers/models/learners/state-codec.js";
import type { ForestHyper } from "../../../../consumers/models/trees/forest.js";
import { forest } from "../../../../consumers/models/trees/forest-kind.js";
import type { TreePredictor } from "../../../../consumers/models/trees/tree-predictor.js";
import { fileOf, parityOf, withoutOnnxRuntime } from "../exported.js";
import { crossed, curved, inThree, randomRows, rowsOf } from "./samples.js";

const binary: Shape = { width: 4, task: "binary", classes: 2, seed: 1 };
const regression: Shape = { ...binary, task: "regression", classes: 1 };
const classes: Shape = { ...binary, task: "classes", classes: 3 };

async function fit(
  rows: LabelledRows,
  shape: Shape,
  given: Partial<ForestHyper> = {},
): Promise<TreePredictor> {
  const hyper = completeHyper(forest, { trees: 30, minRows: 3, ...given });
  return (await forest.fit(rows, shape, hyper)) as TreePredictor;
}

t.test("forest: learns yes or no, numbers and classes", async (t) => {
  const fresh = randomRows(2_000, 4, 2, crossed);
  const answers = (await fit(randomRows(3_000, 4, 1, crossed), binary)).predict(fresh);
  const wrong = fresh.labels.filter((label, row) => Math.round(answers[row]!) !== label).length;
  t.ok(wrong / 2_000 < 0.2, `${wrong / 2_000}, of which noise alone is 0.156`);
  t.ok(answers.every((answer) => answer >= 0 && answer <= 1));

  const line = randomRows(2_000, 4, 2, curved);
  const values = (await fit(randomRows(3_000, 4, 1, curved), regression)).predict(line);
  const error =
    line.labels.reduce((sum, label, row) => sum + (label - values[row]!) ** 2, 0) / 2_000;
  t.ok(error < 1.2, `${error}, where the mean's is about 6`);

  const three = (await fit(randomRows(3_000, 4, 1, inThree), classes)).predict(fresh);
  const labels = randomRows(2_000, 4, 2, inThree).labels;
  let missed = 0;
  let furthest = 0;
  for (let row = 0; row < 2_000; row++) {
    const part = [...three.subarray(row * 3, row * 3 + 3)];
    furthest = Math.max(furthest, Math.abs(part.reduce((a, b) => a + b) - 1));
    if (part.indexOf(Math.max(...part)) !== labels[row]) missed++;
  }
  t.ok(missed / 2_000 < 0.3, `${missed / 2_000}`);
  t.ok(furthest < 1e-9, "shares add up to 1");
});

t.test("forest: one tree on all columns answers with the mean of what it drew", async (t) => {
  const rows = rowsOf(1, [1, 1, 1, 1], [0, 4, 8, 4], [1, 1, 1, 0]);
  const [answer] = (
    await fit(rows, { ...regression, width: 1 }, { trees: 200, minRows: 1 })
  ).predict(rows);
  t.ok(Math.abs(answer! - 4) < 0.8, `${answer}: rows without weight count for nothing`);
});

t.test("forest: classes that no tree has seen keep a share above nothing", async (t) => {
  const rows = rowsOf(1, [1, 2, 3, 4], [0, 0, 1, 1]);
  const answers = (await fit(rows, { ...classes, width: 1 }, { trees: 1, minRows: 1 })).predict(
    rows,
  );
  t.ok(answers.every((answer) => Number.isFinite(answer) && answer > 0));
});

t.test("forest: the same seed gives the same file, another one another", async (t) => {
  const rows = randomRows(500, 4, 4, crossed);
  const file = async (seed: number) => fileOf(await fit(rows, { ...binary, seed }), 4);
  t.ok((await file(1)).equals(await file(1)));
  t.notOk((await file(1)).equals(await file(2)));
});

t.test("forest: what is saved and restored answers with the same bits", async (t) => {
  const rows = randomRows(300, 4, 8, inThree);
  const predictor = await fit(rows, classes);
  const stored = JSON.parse(JSON.stringify(encodeState(predictor.save())));
  const restored = forest.restore(decodeState(stored), classes);
  t.same(restored.predict(rows), predictor.predict(rows));
});

t.test("forest: ONNX Runtime answers the same", { skip: withoutOnnxRuntime }, async (t) => {
  for (const [shape, labelOf] of [
    [regression, curved],
    [binary, crossed],
    [classes, inThree],
  ] as const) {
    const predictor = await fit(randomRows(1_000, 4, 10, labelOf), shape, {
      trees: 50,
      minRows: 1,
    });
    const difference = await parityOf(predictor, randomRows(2_000, 4, 11, labelOf));
    t.ok(difference < 1e-6, `${shape.task}: ${difference}`);
  }
});
