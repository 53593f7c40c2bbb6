import t from "tap";
import { completeHyper } from "../../../../../consumers/models/learners/hyper.js";
import type { OnlineKind } from "../../../../../consumers/models/learners/learner.js";
import {
  linear,
  logistic,
  softmax,
} from "../../../../../consumers/models/learners/network/linear.js";
import { mlp } from "../../../../../consumers/models/learners/network/mlp.js";
import {
  forwardGraph,
  scanGraph,
  stepGraph,
} from "../../../../../consumers/models/learners/network/training-graph.js";
import { checkedByPython, python } from "../../onnx/python-checker.js";
import { affine, runningSums } from "../../onnx/samples.js";
import { withoutRuntime } from "../../runtime/with-runtime.js";
import { labelledRows, specs, width } from "./cases.js";
import { exported } from "./exported.js";

t.test("training graphs are valid by onnx's own checker", { skip: python.skip }, async (t) => {
  const files = Object.values(specs).flatMap((spec) => [
    forwardGraph(spec),
    stepGraph(spec),
    scanGraph(spec),
  ]);
  t.same(
    await checkedByPython(files),
    files.map(() => "ok"),
  );
});

t.test("the checker is not one that takes anything", { skip: python.skip }, async (t) => {
  const files = [affine([1, 2], 3).encode(), runningSums(1).encode(), Buffer.from("no model")];
  const [one, other, wrong] = await checkedByPython(files);
  t.same([one, other], ["ok", "ok"]);
  t.not(wrong, "ok");
});

const kinds: readonly OnlineKind<object>[] = [linear, logistic, softmax];
for (const kind of kinds)
  t.test(
    `${kind.name}: exports are valid by onnx's own checker`,
    { skip: python.skip },
    async (t) => {
      const task = kind.tasks[0]!;
      const learner = await kind.open({ width, task, classes: 4, seed: 1 }, completeHyper(kind));
      await learner.learn(labelledRows(1, 8, task));
      t.same(await checkedByPython([exported(learner, width)]), ["ok"]);
    },
  );

for (const task of mlp.tasks)
  t.test(
    `mlp, ${task}: exports are valid by onnx's own checker`,
    { skip: python.skip || withoutRuntime },
    async (t) => {
      const hyper = completeHyper(mlp, { hidden: [8, 4] });
      const learner = await mlp.open({ width, task, classes: 4, seed: 1 }, hyper);
      t.teardown(() => learner.close?.());
      await learner.learn(labelledRows(1, 8, task));
      t.same(await checkedByPython([exported(learner, width)]), ["ok"]);
    },
  );
