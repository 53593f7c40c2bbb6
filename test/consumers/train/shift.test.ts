import t from "tap";
import { train } from "../../../consumers/train/train.js";
import type { TrainSpec } from "../../../consumers/train/train-spec.js";
import { busOf, type Given, over } from "../over-log.js";
import { bodiesOn, orders, randomOf, returned, trainedIn } from "./orders.js";

interface Report {
  readonly rows: number;
  readonly window: { readonly logLoss: number; readonly ece: number };
  readonly stopped: boolean;
}

/** Orders of which from `at` on just those come back that did not before. */
function turned(count: number, at: number): Given[] {
  return orders(count).map((order, index) => {
    const msg = order.msg as { returned: boolean };
    return index < at ? order : { ...order, msg: { ...msg, returned: !msg.returned } };
  });
}

function reports(outputs: Parameters<typeof bodiesOn>[0]): Report[] {
  return bodiesOn<Report>(outputs, "models.returned.metrics");
}

t.test("train: a shift is found, said, and where it is wished learnt anew", async (t) => {
  await using bus = await busOf(turned(6_000, 3_000));
  const losses: number[] = [];
  for (const refit of [false, true]) {
    const spec: TrainSpec = {
      ...{ ...returned, model: "gbdt", hyper: { trees: 20 }, every: { rows: 2_000 } },
      ...{ window: { rows: 4_000 }, minRows: 512, metrics: { windowRows: 500, everyRows: 500 } },
      drift: { refit },
    };
    const { outputs } = await over(bus, train(spec));
    const [drift] = bodiesOn<{ row: number; before: number; after: number }>(
      outputs,
      "models.returned.drift",
    );
    t.match(drift, { isWorse: true, refit });
    t.ok(drift!.row >= 3_000 && drift!.row < 3_500, `found at row ${drift!.row}`);
    t.ok(drift!.after > drift!.before);
    losses.push(reports(outputs).find(({ rows }) => rows === 4_500)!.window.logLoss);
  }
  t.ok(losses[1]! < losses[0]! / 2, `loss after it: ${losses}`);
});

t.test(
  "train: what learns as rows come begins anew after a shift, where it is wished",
  async (t) => {
    await using bus = await busOf(turned(4_000, 2_000));
    const { outputs } = await over(
      bus,
      train({ ...returned, model: "ftrl", drift: { refit: true } }),
    );
    const last = reports(outputs).at(-1)!;
    t.ok(last.window.logLoss < 0.8, `loss ${last.window.logLoss}`);
    const [drift] = bodiesOn<{ row: number }>(outputs, "models.returned.drift");
    const [before, after] = [trainedIn(outputs).at(-2)!, trainedIn(outputs).at(-1)!];
    t.equal(before.rows, 2_000);
    t.ok(after.rows >= 1_000 && after.rows < 4_000 - drift!.row, `learnt from ${after.rows} rows`);
    t.equal(after.metrics.rows, after.rows, "and measured on no others");
  },
);

t.test("train: learning stops when it no longer helps, and goes on after a shift", async (t) => {
  await using bus = await busOf(turned(8_000, 6_000));
  const spec: TrainSpec = {
    ...{ ...returned, model: "logistic", every: { rows: 500 }, earlyStopping: { patience: 2 } },
    metrics: { windowRows: 2_000, everyRows: 500 },
  };
  const { outputs } = await over(bus, train(spec));
  const stopped = reports(outputs).map((report) => report.stopped);
  const from = stopped.indexOf(true);
  t.ok(from > 2 && from < 12, `it stopped at report ${from} of ${stopped.length}`);
  t.ok(stopped.indexOf(false, from) > 11, "until there was a shift");
  t.ok(trainedIn(outputs).length < 16);
});

t.test("train: probabilities are right although most rows of a class were left out", async (t) => {
  const random = randomOf(7);
  const rare = Array.from({ length: 12_000 }, (_, index): Given => {
    const x = random();
    return {
      topic: "shop.order",
      msg: { amount: x, shop: "a", returned: random() < 0.1 * x },
      at: index,
    };
  });
  await using bus = await busOf(rare);
  for (const model of ["logistic", "gbdt"] as const) {
    const spec: TrainSpec = {
      ...{ ...returned, model, every: { rows: 12_000 }, baseline: false },
      hyper: model === "gbdt" ? { trees: 20, minRows: 100 } : {},
      downsample: { class: false, keep: 0.2 },
      metrics: { windowRows: 5_000 },
    };
    const { downsample: _, ...withoutSample } = spec;
    const { outputs } = await over(bus, train(spec));
    const [trained] = trainedIn(outputs);
    t.ok(trained!.metrics.ece! < 0.02, `calibration error of ${model}: ${trained!.metrics.ece}`);
    const { outputs: weighted } = await over(
      bus,
      train({ ...withoutSample, classWeights: "balanced" }),
    );
    const recall = trainedIn(weighted)[0]!.metrics.recall!;
    t.ok(
      recall > 0.5 && recall > trained!.metrics.recall!,
      `with balanced weights it sees ${recall}`,
    );
  }
});
