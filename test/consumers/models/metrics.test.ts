import fc from "fast-check";
import t from "tap";
import type { Table } from "../../../consumers/index.js";
import { Adwin, type AdwinState } from "../../../consumers/models/metrics/adwin.js";
import { aucBins, binnedAuc, exactAuc } from "../../../consumers/models/metrics/auc.js";
import {
  Prequential,
  type PrequentialOptions,
} from "../../../consumers/models/metrics/prequential.js";
import { seeded } from "../../bus/seed.js";
import { assertProperty } from "../../schemas/property.js";

/** A table in memory that keeps what JSON keeps. */
function tableOf<Value>(): Table<Value> & { readonly size: number } {
  const entries = new Map<string, string>();
  return {
    get: (key) => {
      const text = entries.get(key);
      return text === undefined ? undefined : (JSON.parse(text) as Value);
    },
    put: (key, value) => void entries.set(key, JSON.stringify(value)),
    delete: (key) => void entries.delete(key),
    range: () => {
      throw new Error("not asked for");
    },
    get size() {
      return entries.size;
    },
  };
}

/** By its definition, pair by pair. */
function plainAuc(rows: readonly (readonly [label: number, score: number])[]): number | null {
  const [positives, negatives] = [1, 0].map((side) => rows.filter(([label]) => label === side));
  let wins = 0;
  for (const [, high] of positives!)
    for (const [, low] of negatives!) wins += high > low ? 1 : high === low ? 0.5 : 0;
  const pairs = positives!.length * negatives!.length;
  return pairs === 0 ? null : wins / pairs;
}

const binaryRows = fc.array(
  fc.tuple(fc.constantFrom(0, 1), fc.constantFrom(0, 0.1, 0.25, 0.5, 0.75, 0.9, 1)),
  { maxLength: 60 },
);

t.test("metrics: the area under the curve is that of all pairs", async () => {
  assertProperty(
    fc.property(binaryRows, (rows) => {
      const scores = (side: number) =>
        Float64Array.from(rows.filter(([label]) => label === side).map(([, score]) => score));
      const bins = (side: number) => {
        const counts = new Float64Array(aucBins);
        for (const score of scores(side))
          counts[Math.min(aucBins - 1, Math.floor(score * aucBins))]!++;
        return counts;
      };
      const expected = plainAuc(rows) ?? -1;
      const close = (got: number | null) => Math.abs((got ?? -1) - expected) < 1e-12;
      return close(exactAuc(scores(1), scores(0))) && close(binnedAuc(bins(1), bins(0)));
    }),
  );
});

const options: PrequentialOptions = {
  ...{ task: "binary", classes: 2, windowRows: 20, threshold: 0.5, rule: "rate" },
};

t.test("metrics: a window and a total say what plain sums say", async () => {
  assertProperty(
    fc.property(binaryRows, (rows) => {
      const prequential = new Prequential(options);
      for (const [label, score] of rows) prequential.add(label, Float64Array.of(score), 0);
      const { window, total } = prequential.report();
      const last = rows.slice(-20);
      const mean = (of: (label: number, score: number) => number, over = last) =>
        over.length === 0
          ? null
          : over.reduce((sum, [label, score]) => sum + of(label, score), 0) / over.length;
      const loss = (label: number, score: number) =>
        -Math.log(Math.max(1e-7, label === 1 ? score : 1 - score));
      const positives = last.filter(([label]) => label === 1);
      const close = (got: number | null | undefined, expected: number | null) =>
        Math.abs((got ?? -9) - (expected ?? -9)) < 1e-9;
      return (
        window.rows === last.length &&
        total.rows === rows.length &&
        close(window.logLoss, mean(loss)) &&
        close(total.logLoss, mean(loss, rows)) &&
        close(window.auc, plainAuc(last)) &&
        close(
          window.accuracy,
          mean((label, score) => (score >= 0.5 === (label === 1) ? 1 : 0)),
        ) &&
        close(
          window.brier,
          mean((label, score) => (label - score) ** 2),
        ) &&
        close(
          window.recall,
          mean((_, score) => (score >= 0.5 ? 1 : 0), positives),
        ) &&
        window.calibration!.reduce((sum, { count }) => sum + count, 0) === last.length
      );
    }),
  );
});

t.test(
  "metrics: predictions that mean what they say have no calibration error; a baseline has no area",
  async (t) => {
    const prequential = new Prequential({ ...options, windowRows: 1_000 });
    const random = seeded(t);
    for (let row = 0; row < 1_000; row++) {
      const probability = (row % 10) / 10 + 0.05;
      prequential.add(row % 100 < 10 * (row % 10) + 5 ? 1 : 0, Float64Array.of(probability), 0);
    }
    const { window, baseline } = prequential.report();
    t.ok(window.ece! < 0.06, `expected calibration error ${window.ece}`);
    t.equal(window.calibration!.length, 10);
    t.equal(baseline!.rule, "rate");
    t.same([baseline!.window.auc, baseline!.total.auc], [0.5, 0.5], "a rate ranks no row");
    t.ok(baseline!.window.logLoss! > window.logLoss!);
    const values = new Prequential({ ...options, task: "regression", classes: 1, rule: "last" });
    for (let row = 0; row < 50; row++) {
      const loss = values.add(row, Float64Array.of(row + (random() < 0.5 ? -3 : 3)), 0);
      t.ok(loss >= 0 && loss <= 1);
    }
    const report = values.report();
    t.equal(report.window.mae, 3);
    t.equal(report.window.rmse, 3);
    t.equal(report.baseline!.window.mae, 1, "the last value is one less");
  },
);

t.test("metrics: several classes, scores without labels, clusters", async (t) => {
  const classes = new Prequential({ ...options, task: "classes", classes: 3 });
  classes.add(2, Float64Array.of(0.1, 0.2, 0.7), 0);
  classes.add(1, Float64Array.of(9, 0.5, 0.2, 0.3), 1);
  const { window } = classes.report();
  t.match(window, { rows: 2, accuracy: 0.5, precision: 0.5, recall: 0.5 });
  t.ok(Math.abs(window.logLoss! - (-Math.log(0.7) - Math.log(0.2)) / 2) < 1e-12);
  t.ok(Math.abs(window.brier! - (0.14 + 0.98) / 2) < 1e-12);
  const scores = new Prequential({ ...options, task: "anomaly", classes: 1 });
  for (const score of [1, 3, 2]) scores.add(Number.NaN, Float64Array.of(score), 0);
  t.same(scores.report(), {
    window: { rows: 3, score: { mean: 2, max: 3 } },
    total: { rows: 3, score: { mean: 2, max: 3 } },
  });
  scores.add(1, Float64Array.of(4), 0);
  scores.add(0, Float64Array.of(1), 0);
  t.equal(scores.report().window.auc, 1, "labels, where there are some, tell how good scores are");
  const clusters = new Prequential({ ...options, task: "clusters", classes: 1 });
  for (const cluster of [0, 2, 2]) clusters.add(Number.NaN, Float64Array.of(cluster), 0);
  t.same(clusters.report().window.clusters, [1, 0, 2]);
});

t.test(
  "metrics: stored and taken up again at any row, they go on as if nothing had been",
  async () => {
    const tasks = fc.constantFrom<PrequentialOptions>(
      { ...options, windowRows: 700 },
      { ...options, task: "classes", classes: 3 },
      { ...options, task: "regression", classes: 1, rule: "mean" },
    );
    assertProperty(
      fc.property(
        tasks,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 900 }),
        fc.nat(900),
        (task, values, stop) => {
          const rowOf = (value: number): [number, Float64Array] => [
            task.task === "regression" ? value : Math.floor(value * 1.999),
            Float64Array.of(value / 2, 1 - value, value / 2),
          ];
          const [whole, table] = [new Prequential(task), tableOf<string>()];
          let parted = new Prequential(task);
          for (const [index, value] of values.entries()) {
            if (index === stop || index === stop + 5) {
              const state = JSON.parse(JSON.stringify(parted.save(table, "w")));
              parted = new Prequential(task, state);
              parted.restore(table, "w");
            }
            whole.add(...rowOf(value), 0);
            parted.add(...rowOf(value), 0);
          }
          return JSON.stringify(whole.report()) === JSON.stringify(parted.report());
        },
      ),
      60,
    );
  },
);

t.test("adwin: finds a shift of the mean, soon, and none where there is none", async (t) => {
  const random = seeded(t);
  const still = new Adwin(0.002);
  let alarms = 0;
  for (let row = 0; row < 100_000; row++) if (still.add(random() < 0.2 ? 1 : 0)) alarms++;
  t.ok(alarms <= 1, `${alarms} false alarms in 100,000 values`);
  const shifted = new Adwin(0.002);
  let found = -1;
  for (let row = 0; row < 10_000 && found < 0; row++) {
    const change = shifted.add(random() < (row < 4_000 ? 0.2 : 0.4) ? 1 : 0);
    if (change === undefined) continue;
    found = row;
    t.ok(change.before < 0.3 && change.after > change.before, "it says from what to what");
    t.equal(change.dropped + change.kept, row + 1);
  }
  t.ok(found >= 4_000 && found < 5_000, `found ${found - 4_000} values after it`);
  t.ok(shifted.length < 4_000, "what was before is forgotten");
});

t.test("adwin: its window is exact, and it goes on from what was stored", async () => {
  assertProperty(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 400 }),
      fc.nat(400),
      (values, stop) => {
        const whole = new Adwin(0.002);
        let parted = new Adwin(0.002);
        for (const [index, value] of values.entries()) {
          if (index === stop)
            parted = new Adwin(0.002, JSON.parse(JSON.stringify(parted.state)) as AdwinState);
          if (JSON.stringify(whole.add(value)) !== JSON.stringify(parted.add(value))) return false;
        }
        const kept = values.slice(values.length - whole.length);
        const mean = kept.reduce((sum, value) => sum + value, 0) / Math.max(1, kept.length);
        return (
          JSON.stringify(whole.state) === JSON.stringify(parted.state) &&
          Math.abs(whole.mean - mean) < 1e-9
        );
      },
    ),
    100,
  );
});
