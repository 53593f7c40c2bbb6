import t from "tap";
import { hyperText } from "../../cli/model/lineage-text.js";
import { renderPastScores } from "../../cli/model/render-past-scores.js";
import type { ModelVersion } from "../../consumers/index.js";
import type { PastScores } from "../../replay/index.js";

const version = (lineage: object) => ({ name: "returns", version: 2, lineage }) as ModelVersion;

t.test("model: what the optimiser was that it chose itself is shown", (t) => {
  const of = (width: number, hyper: object, kind = "logistic") => {
    const columns = Array.from({ length: width }, (_, index) => `c${index}`);
    return hyperText(version({ kind, hyper, features: { columns } }));
  };
  const auto = { rate: 0.01, l1: 0, l2: 0, optimiser: "auto" };
  t.equal(of(64, auto), "rate 0.01, l1 0, l2 0, optimiser auto (newton)");
  t.match(of(65, auto), /optimiser auto \(adam\)$/);
  t.match(of(3, { ...auto, l2: 0.1 }), /optimiser auto \(adam\)$/);
  t.match(of(3, { ...auto, optimiser: "sgd" }), /optimiser sgd$/);
  t.match(of(3, auto, "own-kind"), /optimiser auto$/);
  t.end();
});

t.test("model: score-past says so where its columns are of different rows", (t) => {
  const report = (rows: number) => {
    const metrics = { rows, logLoss: 0.5 };
    return { window: metrics, total: metrics };
  };
  const told = (published: number) =>
    renderPastScores(
      {
        ...{ sha256: "", from: 0, to: 9_000, isComplete: true, predictions: 6_000, unscored: 0 },
        ...{ metrics: report(5_800), live: report(published) },
      } as PastScores,
      version({}),
    );
  t.match(told(3_800), /\nthese are not the same rows: 5,800 outcomes .* 3,800 were published; /);
  t.notMatch(told(5_800), /same rows/);
  t.end();
});
