import t from "tap";
import type { OnlineKind } from "../../../consumers/models/learners/learner.js";
import { train } from "../../../consumers/train/train.js";
import type { TrainSpec } from "../../../consumers/train/train-spec.js";
import { busOf, type Given, over } from "../over-log.js";
import { bodiesOn, orders, ordersBus, returned, trainedIn } from "./orders.js";
import { plainLogistic } from "./plain-logistic.js";

interface Rejected {
  readonly reason: string;
  readonly message: string;
}

/** A kind whose files, or predictions, are not what they should be. */
function faulty(fault: {
  readonly inFile?: number;
  readonly afterRows?: number;
}): OnlineKind<never> {
  const { inFile = 0, afterRows = Number.POSITIVE_INFINITY } = fault;
  let rows = 0;
  const kind = plainLogistic as unknown as OnlineKind<object>;
  const open: typeof kind.open = async (...given) => {
    const learner = await kind.open(...given);
    const [predict, addTo] = [learner.predict.bind(learner), learner.addTo.bind(learner)];
    learner.predict = (given) =>
      rows++ === afterRows ? Float64Array.of(Number.NaN) : predict(given);
    learner.addTo = (graph, input) =>
      graph.node("Add", [addTo(graph, input), graph.constant([], Float32Array.of(inFile))]);
    return learner;
  };
  return { ...kind, open } as OnlineKind<never>;
}

t.test("train: a file that says something else than its trainer is not published", async (t) => {
  await using bus = await ordersBus(1_000);
  for (const [inFile, reason] of [
    [2e-5, "disagrees"],
    [Number.NaN, "not-finite"],
  ] as const) {
    const { outputs } = await over(bus, train({ ...returned, model: faulty({ inFile }) }));
    t.same(trainedIn(outputs), []);
    t.match(bodiesOn<Rejected>(outputs, "models.returned.rejected"), [{ reason }]);
  }
  const { outputs } = await over(bus, train({ ...returned, model: faulty({ inFile: 1e-7 }) }));
  t.equal(trainedIn(outputs).length, 1, "what is within the tolerance is");
});

t.test("train: what has just begun anew is no model yet", async (t) => {
  await using bus = await ordersBus(2_000);
  // In the last row before a model is due: each row is asked for twice, once to learn it.
  const { outputs } = await over(bus, train({ ...returned, model: faulty({ afterRows: 1_998 }) }));
  t.match(trainedIn(outputs), [{ rows: 1_000, metrics: { rows: 1_000 } }]);
});

t.test("train: a model that has come to NaN begins anew", async (t) => {
  await using bus = await ordersBus(2_000);
  const { outputs } = await over(bus, train({ ...returned, model: faulty({ afterRows: 700 }) }));
  const reports = bodiesOn<{ restarts: number; window: object }>(
    outputs,
    "models.returned.metrics",
  );
  t.equal(reports.at(-1)!.restarts, 1);
  t.notOk(JSON.stringify(reports).includes("null,"), "and no metric became NaN by it");
  t.equal(trainedIn(outputs).length, 1, "with rows enough for a first model");
});

/** Orders among which are some that no one can learn from. */
function withNonsense(): Given[] {
  const given = orders(1_500);
  const wrong: [topic: string, msg: unknown][] = [
    ["shop.order", { amount: "12", shop: "a", returned: true }],
    ["shop.order", { amount: 1e300, shop: { name: "a" }, returned: false }],
    ["shop.order", { amount: 3, shop: "b" }],
    ["shop.order", { amount: 3, shop: "b", returned: null }],
    ["shop.order", { amount: 3, shop: "b", returned: "yes" }],
    ["shop.order", { amount: 3, shop: "b", returned: 2 }],
    ["shop.order", []],
    ["shop.order", "order"],
  ];
  for (const [index, [topic, msg]] of wrong.entries())
    given.splice(100 * (index + 1), 0, { topic, msg, at: given[100 * (index + 1)]!.at! });
  return given;
}

t.test("train: what cannot be learnt from is counted, and does no harm", async (t) => {
  await using bus = await busOf(withNonsense());
  for (const model of ["logistic", "gbdt"] as const) {
    const spec: TrainSpec = { ...returned, model, metrics: { everyRows: 500 } };
    const { outputs } = await over(bus, train(spec));
    const [report] = bodiesOn<{ counts: object; restarts: number }>(
      outputs,
      "models.returned.metrics",
    ).slice(-1);
    t.match(report, { restarts: 0, counts: { withoutLabel: 4, wrongLabel: 2, wrongValues: 3 } });
    t.same(bodiesOn(outputs, "consumers.returned.dead-letter"), []);
    const [{ metrics } = { metrics: undefined }] = trainedIn(outputs);
    t.ok(metrics!.logLoss! < 0.6, `log loss ${metrics!.logLoss}`);
  }
});

t.test(
  "train: an event that its features fail on is a dead letter; the rest is learnt",
  async (t) => {
    await using bus = await busOf(withNonsense());
    const spec: TrainSpec = {
      ...returned,
      attemptsMax: 2,
      features: {
        names: ["amount"],
        values: ({ msg }) => {
          const { amount, shop } = msg as { amount: unknown; shop: unknown };
          if (typeof shop === "object") throw new TypeError("no such shop");
          return { amount };
        },
      },
      metrics: { everyRows: 500 },
    };
    const { outputs } = await over(bus, train(spec));
    t.match(bodiesOn(outputs, "consumers.returned.dead-letter"), [
      { attempts: 2, error: { message: /no such shop/ } },
    ]);
    const [model] = trainedIn(outputs);
    t.same(model!.features, { columns: ["amount"] });
  },
);

t.test(
  "train: a declaration that no event has room for is not published, and nothing halts",
  async (t) => {
    await using bus = await ordersBus(600);
    const words = Array.from({ length: 1_024 }, (_, index) => String(index).padStart(150, "."));
    const features = ["msg.shop", "msg.amount"].map(
      (path) => ({ path, encoder: { kind: "one-hot", values: words } }) as const,
    );
    const spec: TrainSpec = { ...returned, features, model: "ftrl", baseline: false, minRows: 512 };
    const { outputs } = await over(bus, train({ ...spec, every: { rows: 600 } }));
    t.match(bodiesOn(outputs, "models.returned.rejected"), [{ reason: "too-large" }]);
    t.same(bodiesOn(outputs, "consumers.returned.dead-letter"), []);
  },
);

t.test("train: one class alone is nothing for trees to learn", async (t) => {
  const one = orders(1_200).map((order) => ({
    ...order,
    msg: { ...(order.msg as object), returned: true },
  }));
  await using bus = await busOf(one);
  const { outputs } = await over(bus, train({ ...returned, baseline: false }));
  t.match(bodiesOn(outputs, "models.returned.rejected"), [{ reason: "one-class" }]);
});
