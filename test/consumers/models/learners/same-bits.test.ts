import t from "tap";
import { ftrl } from "../../../../consumers/models/learners/ftrl.js";
import { halfSpaceTrees } from "../../../../consumers/models/learners/half-space-trees.js";
import { hoeffding } from "../../../../consumers/models/learners/hoeffding/hoeffding.js";
import { kMeans } from "../../../../consumers/models/learners/k-means.js";
import type { OnlineKind, Shape } from "../../../../consumers/models/learners/learner.js";
import { fileOf, parityOf, runExported, withoutOnnxRuntime } from "../exported.js";
import { crossed, inThree, randomRows } from "../trees/samples.js";
import { learnAll, opened, part, stored } from "./streams.js";

const shape: Shape = { width: 4, task: "binary", classes: 2, seed: 5 };

/** Each kind, on rows that it can take. */
const cases: readonly [OnlineKind<object>, Partial<Shape>, object][] = [
  [ftrl, {}, { l1: 0.5 }],
  [hoeffding, {}, {}],
  [hoeffding, { task: "classes", classes: 3 }, {}],
  [kMeans, { task: "clusters", classes: 1 }, { startRows: 50 }],
  [halfSpaceTrees, { task: "anomaly", classes: 1 }, { depth: 6 }],
];

for (const [kind, own, hyper] of cases) {
  const title = `${kind.name}, ${own.task ?? "binary"}`;
  const whole = { ...shape, ...own };
  const missing = kind.scaled ? 0 : 0.05;
  const labelOf = whole.classes === 3 ? inThree : crossed;
  const rows = randomRows(2_345, 4, 1, labelOf, missing);
  const fresh = randomRows(400, 4, 2, labelOf, missing);

  t.test(`${title}: the same rows and seed give the same bits, however they are cut`, async (t) => {
    const one = await learnAll(opened(kind, whole, hyper), rows);
    const other = await learnAll(opened(kind, whole, hyper), rows, 7);
    t.same(other.save(), one.save());
    t.same(await other.predict(fresh), await one.predict(fresh));
    t.ok(fileOf(one, 4).equals(fileOf(other, 4)));
  });

  t.test(`${title}: goes on from a checkpoint with the same bits, wherever it was`, async (t) => {
    const all = await learnAll(opened(kind, whole, hyper), rows);
    for (const at of [0, 1, 49, 50, 777, 2_344]) {
      const before = await learnAll(opened(kind, whole, hyper), part(rows, 0, at));
      const saved = stored(before.save());
      const after = opened(kind, whole, hyper, saved);
      t.same(await after.predict(fresh), await before.predict(fresh));
      await learnAll(after, part(rows, at, rows.count));
      t.same(after.save(), all.save(), `from row ${at}`);
      // What was saved belongs to the checkpoint: learning on must not change it.
      t.same(saved, stored(before.save()));
    }
  });

  t.test(`${title}: refuses what was saved for other columns`, async (t) => {
    // Half-space trees keep nothing that depends on the columns.
    const other = kind === halfSpaceTrees ? { ...hyper, depth: 5 } : hyper;
    const saved = opened(kind, { ...whole, width: 5 }, other).save();
    t.throws(() => opened(kind, whole, hyper, saved), { code: "STATE_CORRUPT" });
  });

  t.test(`${title}: ONNX Runtime answers the same`, { skip: withoutOnnxRuntime }, async (t) => {
    for (const count of [0, 100, 2_345]) {
      const learner = await learnAll(opened(kind, whole, hyper), part(rows, 0, count));
      if (kind === kMeans) {
        const exported = await runExported(learner, fresh);
        const own = await learner.predict(fresh);
        // A row half way between two centres may be in either.
        t.ok(exported.filter((group, i) => group !== own[i]).length <= 1, `${count} rows`);
      } else t.ok((await parityOf(learner, fresh)) < 1e-6, `${count} rows`);
    }
  });
}
