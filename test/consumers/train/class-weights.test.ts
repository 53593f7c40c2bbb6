import t from "tap";
import { Prequential } from "../../../consumers/models/metrics/prequential.js";
import { train } from "../../../consumers/train/train.js";
import type { TrainSpec } from "../../../consumers/train/train-spec.js";
import { busOf, type Given, over } from "../over-log.js";
import { bodiesOn, randomOf, returned, trainedIn } from "./orders.js";

/** Orders of which few are returned, the more the larger; `noise` has nothing to do with it. */
function rareReturns(count: number): Given[] {
  const random = randomOf(11);
  return Array.from({ length: count }, (_, index) => {
    const amount = random();
    const isReturned = random() < 0.2 * amount ** 3;
    const how = isReturned ? (amount > 0.8 ? "late" : "soon") : "kept";
    const msg = { amount, noise: random(), returned: isReturned, how };
    return { topic: "shop.order", msg, at: index };
  });
}

const rare: TrainSpec = {
  ...returned,
  features: [{ path: "msg.amount" }],
  classWeights: "balanced",
  every: { rows: 4_000 },
  metrics: { windowRows: 4_000 },
};
const trees = { trees: 20, maxLeaves: 4, minRows: 300 };

t.test(
  "class weights: a weighted model is compared with a baseline of the same weights",
  async (t) => {
    await using bus = await busOf(rareReturns(4_000));
    for (const [spec, uniform] of [
      [{ ...rare, model: "logistic" }, Math.log(2)],
      [{ ...rare, model: "gbdt", hyper: trees }, Math.log(2)],
      [{ ...rare, model: "gbdt", hyper: trees, classWeights: [1, 25] }, Math.log(2)],
      [
        {
          ...rare,
          model: "mlp",
          task: "classes",
          classes: ["kept", "soon", "late"],
          label: "msg.how",
        },
        Math.log(3),
      ],
    ] as const) {
      const { outputs } = await over(bus, train(spec));
      const what = `${spec.model}, ${JSON.stringify(spec.classWeights)}`;
      const [model] = trainedIn(outputs);
      t.ok(model !== undefined, `${what} is published`);
      const { metrics, baseline } = model!;
      t.ok(metrics.weightedLogLoss! < 0.97 * baseline!.weightedLogLoss!, `${what} is better`);
      t.ok(
        Math.abs(baseline!.weightedLogLoss! - uniform) < 0.05,
        `${what}: all classes count the same`,
      );
      t.ok(metrics.logLoss! > 0.2, `${what}: what it says of shares is another thing`);
    }
  },
);

t.test("class weights: what has learnt nothing is still no better than the baseline", async (t) => {
  await using bus = await busOf(rareReturns(4_000));
  for (const [model, hyper] of [
    ["logistic", {}],
    ["gbdt", trees],
  ] as const) {
    const features = [{ path: "msg.noise" }];
    const { outputs } = await over(bus, train({ ...rare, features, model, hyper }));
    t.same(trainedIn(outputs), []);
    t.match(bodiesOn(outputs, "models.returned.rejected"), [
      { reason: "baseline", message: /its weightedLogLoss of .* not clearly below/ },
    ]);
  }
});

t.test("class weights: weighted log loss is the weighted mean of the logarithms", (t) => {
  const weightOf = (label: number): number => [1, 3, 5][label]!;
  const binary = new Prequential({
    ...{ task: "binary", classes: 2, windowRows: 10, threshold: 0.5, rule: "rate", weightOf },
  });
  for (const [label, said] of [
    [0, 0.2],
    [1, 0.4],
    [1, 0.9],
  ] as const)
    binary.add(label, Float64Array.of(said), 0);
  const expected = (-Math.log(0.8) - 3 * Math.log(0.4) - 3 * Math.log(0.9)) / 7;
  const { window, baseline } = binary.report();
  t.ok(Math.abs(window.weightedLogLoss! - expected) < 1e-12);
  // Of class 1 it says, before each row: 3 of 4, 3 of 5, 6 of 8.
  const without = (-Math.log(1 / 4) - 3 * Math.log(3 / 5) - 3 * Math.log(6 / 8)) / 7;
  t.ok(Math.abs(baseline!.window.weightedLogLoss! - without) < 1e-12);
  const classes = new Prequential({
    ...{ task: "classes", classes: 3, windowRows: 10, threshold: 0.5, rule: "rate", weightOf },
  });
  classes.add(2, Float64Array.of(0.1, 0.2, 0.7), 0);
  classes.add(0, Float64Array.of(0.5, 0.2, 0.3), 0);
  const three = (-5 * Math.log(0.7) - Math.log(0.5)) / 6;
  t.ok(Math.abs(classes.report().window.weightedLogLoss! - three) < 1e-12);
  t.end();
});
