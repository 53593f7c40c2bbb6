import { ftrl } from "../../consumers/models/learners/ftrl.js";
import { completeHyper } from "../../consumers/models/learners/hyper.js";
import type { LabelledRows, OnlineKind, Shape } from "../../consumers/models/learners/learner.js";
import { logistic } from "../../consumers/models/learners/network/linear.js";
import { exactAuc } from "../../consumers/models/metrics/auc.js";
import { boostedTrees } from "../../consumers/models/trees/boosted-trees.js";
import { forest } from "../../consumers/models/trees/forest-kind.js";
import type { SplitTable } from "./data/split-table.js";
import { Standardiser } from "./standardiser.js";

/** Chances of class 1 for the rows to be judged by. */
export type OwnFit = (table: Omit<SplitTable, "name" | "columns">) => Promise<Float64Array>;

/** Times that learners by small steps go through the rows: a table is short for a stream. */
const manyPasses = 100;

const shapeOf = ({ width }: LabelledRows): Shape => ({
  width,
  task: "binary",
  classes: 2,
  seed: 1,
});

/** Fedbus's models, with default hyperparameters unless said. */
export const ownModels = {
  gbdt: async ({ train, test, minRows }) =>
    (await boostedTrees.fit(train, shapeOf(train), { ...boostedTrees.defaults, minRows })).predict(
      test,
    ),
  forest: async ({ train, test }) =>
    (await forest.fit(train, shapeOf(train), forest.defaults)).predict(test),
  // In one pass, as over a stream.
  logistic: (table) => online(logistic, 1, table),
  ftrl: (table) => online(ftrl, manyPasses, table),
} as const satisfies Record<string, OwnFit>;

export type OwnModel = keyof typeof ownModels;

async function online<Hyper extends object>(
  kind: OnlineKind<Hyper>,
  passes: number,
  { train, test }: Pick<SplitTable, "train" | "test">,
): Promise<Float64Array> {
  const standardise = new Standardiser(train);
  const rows = standardise.apply(train);
  const learner = await kind.open(shapeOf(train), completeHyper(kind));
  for (let pass = 0; pass < passes; pass++)
    for (let from = 0; from < rows.count; from += learner.stepRows)
      await learner.learn(part(rows, from, Math.min(rows.count, from + learner.stepRows)));
  return learner.predict(standardise.apply(test));
}

function part({ width, values, labels, weights }: LabelledRows, from: number, to: number) {
  return {
    width,
    count: to - from,
    values: values.subarray(from * width, to * width),
    labels: labels.subarray(from, to),
    weights: weights.subarray(from, to),
  };
}

/** The chance that a row of class 1 is given a higher answer than one of class 0. */
export function aucOf(labels: Float64Array, answers: Float64Array): number {
  const of = (label: number) => answers.filter((_, row) => labels[row] === label);
  return exactAuc(of(1), of(0)) ?? Number.NaN;
}
