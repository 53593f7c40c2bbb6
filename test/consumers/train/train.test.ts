import { createHash } from "node:crypto";
import t from "tap";
import { Extractor } from "../../../consumers/models/features/extractor.js";
import { ModelSession } from "../../../consumers/models/runtime/model-session.js";
import { train } from "../../../consumers/train/train.js";
import type { TrainSpec } from "../../../consumers/train/train-spec.js";
import { eventOf } from "../models/plain-features.js";
import { busOf, over } from "../over-log.js";
import { bodiesOn, orders, ordersBus, returned, trainedIn } from "./orders.js";
import { plainLogistic } from "./plain-logistic.js";

t.test("train: publishes models with all that they were made of", async (t) => {
  await using bus = await ordersBus(3_000);
  for (const model of [plainLogistic, "logistic", "gbdt"] as const) {
    const { outputs } = await over(bus, train({ ...returned, model: model as never, seed: 3 }), {
      runner: { blobs: bus.blobs },
    });
    const [first, second, third, ...more] = trainedIn(outputs);
    t.same(more, []);
    t.same([first!.version, second!.version, third!.version], [1, 2, 3]);
    t.match(third, {
      name: "returned",
      task: "binary",
      seed: 3,
      plugin: { name: "returned", version: "0" },
    });
    t.same(third!.inputs, [{ topic: "shop.order" }]);
    t.same(third!.offsets, { from: 0, to: 3_000 });
    t.ok(third!.metrics.auc! > 0.8, `area under the curve ${third!.metrics.auc}`);
    t.ok(third!.metrics.logLoss! < third!.baseline!.logLoss!);
    const bytes = await bus.blobs.get(third!.sha256);
    t.equal(createHash("sha256").update(bytes).digest("hex"), third!.sha256);
    t.equal(bytes.length, third!.bytes);
    const promoted = bodiesOn<object>(outputs, "models.returned.promoted");
    t.same(promoted[2], { sha256: third!.sha256, version: 3, reason: "trained" });
    const measured = bodiesOn<{ window: { rows: number } }>(outputs, "models.returned.metrics");
    t.equal(measured.length, 3);
    await using session = await ModelSession.open(bytes);
    const extractor = Extractor.from(third!.features);
    const row = new Float32Array(extractor.width);
    const said: number[] = [];
    for (const amount of [1, 99]) {
      extractor.extract(eventOf({ amount, shop: "a" }), row);
      said.push((await session.run(row))[0]!);
    }
    t.ok(said[0]! < 0.4 && said[1]! > 0.7, `the file says ${said}`);
  }
});

t.test(
  "train: numbers that models of its name have from elsewhere are not given again",
  async (t) => {
    const given = orders(2_000);
    const told = (name: string, version: number) => ({
      topic: `models.${name}.imported`,
      msg: { version, sha256: "ab".repeat(32), bytes: 9 },
      at: given[0]!.at!,
    });
    given.splice(700, 0, told("returned", 3), told("another", 8));
    given.splice(1_400, 0, told("returned", 2));
    await using bus = await busOf(given);
    const { outputs } = await over(bus, train(returned));
    t.same(
      trainedIn(outputs).map(({ version }) => version),
      [4, 5],
    );
    await using same = await ordersBus(2_000);
    const { outputs: without } = await over(same, train(returned));
    const metrics = (all: typeof outputs) => trainedIn(all).map((model) => model.metrics);
    t.same(metrics(outputs), metrics(without), "and they are no rows");
  },
);

t.test("train: models wait for approval where that is wanted", async (t) => {
  await using bus = await ordersBus(1_000);
  const { outputs } = await over(bus, train({ ...returned, promote: "manual" }));
  t.equal(trainedIn(outputs).length, 1);
  t.same(bodiesOn(outputs, "models.returned.promoted"), []);
});

t.test(
  "train: what is no better than no model is not published, and an event says so",
  async (t) => {
    await using bus = await ordersBus(2_000);
    // A feature that has nothing to do with it.
    const features = [{ path: "timestamp", encoder: { kind: "time", parts: ["minute"] } }] as const;
    for (const model of [plainLogistic, "logistic", "gbdt"] as const) {
      const { outputs } = await over(bus, train({ ...returned, features, model: model as never }));
      t.same(trainedIn(outputs), []);
      const [rejected] = bodiesOn<{ reason: string; metrics: object; baseline: object }>(
        outputs,
        "models.returned.rejected",
      );
      t.match(rejected, {
        reason: "baseline",
        message: /not clearly below/,
        metrics: {},
        baseline: { rule: "rate" },
      });
    }
  },
);

t.test("train: the lineage names schemas and the versions that were in force", async (t) => {
  await using bus = await ordersBus(600);
  const schema = { type: "object" };
  for (const version of [1, 2])
    await bus.registerSchema({ name: "order", version, topics: ["shop.*"], schema });
  await using publisher = bus.publisher();
  await publisher.publishMany(orders(500, 2).map(({ topic, msg }) => ({ topic, msg })));
  const { outputs } = await over(bus, train(returned));
  t.same(trainedIn(outputs)[0]!.inputs, [{ topic: "shop.order", schema: "order", version: 2 }]);
  t.same(trainedIn(outputs)[0]!.offsets, { from: 0, to: 1_002 });
});

t.test("train: all that is wrong with its options is said at once", (t) => {
  const wrong: readonly [Partial<TrainSpec>, RegExp][] = [
    [{ model: "magic" }, /model must be one of .*gbdt/],
    [
      { model: "logistics" as never, every: 1000 as never },
      /every must be an object such as \{ rows: 1000 \}.*one of .*did you mean logistic\?/,
    ],
    [{ hyper: { leaves: 3 }, seed: -1 }, /seed must.*leaves is not an option/],
    [{ task: "clusters" }, /gbdt is for/],
    [{ task: "regression", classWeights: "balanced" }, /for classes/],
    [{ labelJoin: { topics: ["x"], key: "msg.id", label: "msg.l", withinMs: 1 } }, /not both/],
    [{ classes: ["a", "b", "c"] }, /two classes/],
    [{ every: { rows: 1, ms: 1 } as never, minRows: 5 }, /either rows or ms.*minRows must be/],
    [{ window: { rows: 5 } }, /window is wrong: rows must be/],
    [
      { downsample: { class: "x", keep: 2 }, drift: { alpha: 1 } as never },
      /keep must.*alpha is not/,
    ],
    [{ downsample: { class: "x", keep: 0.5 } }, /none of the classes/],
    [{ features: [{ path: "nowhere.x" }], hyper: 3 as never }, /hyper must.*a path begins/],
    [{ model: plainLogistic as never, window: { rows: 1_000 } }, /learns each row as it comes/],
    [{ baseline: "last" }, /last is for values/],
    [{ hyper: { leaves: 3 } }, /leaves is not an option/],
  ];
  for (const [options, message] of wrong)
    t.throws(() => train({ ...returned, ...options }), { code: "OPTIONS_INVALID", message });
  const { label: _, ...without } = returned;
  t.throws(() => train(without), { code: "OPTIONS_INVALID", message: /needs a label/ });
  t.end();
});
