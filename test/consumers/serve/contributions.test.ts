import { test } from "tap";
import { serve } from "../../../consumers/index.js";
import { RunningScaler } from "../../../consumers/models/features/running-scaler.js";
import { batchKinds, onlineKinds } from "../../../consumers/models/learners/kinds.js";
import type { LabelledRows, Predictor, Task } from "../../../consumers/models/learners/learner.js";
import { GraphBuilder } from "../../../consumers/models/onnx/graph-builder.js";
import { boostedTrees } from "../../../consumers/models/trees/boosted-trees.js";
import { EnsembleNode } from "../../../consumers/models/trees/ensemble-node.js";
import { worstDifference } from "../models/exported.js";
import { busOf, over } from "../over-log.js";
import { networkFile, promote, publish } from "./models.js";

const columns = ["x", "y", "z"];
const features = {
  columns,
  list: columns.map((name) => ({ name, path: `msg.${name}`, encoder: { kind: "number" } })),
};

interface Said {
  readonly output: number;
  readonly contributions?: {
    readonly base: number;
    readonly raw: number;
    readonly of: Readonly<Record<string, number>>;
  };
}

/** What a model says of some rows, with contributions; it must say the same without. */
async function saidBy(file: Buffer, rows: readonly object[]): Promise<readonly Said[]> {
  await using bus = await busOf([]);
  await promote(bus, "demo", file);
  await publish(
    bus,
    rows.map((msg) => ({ topic: "in", msg })),
  );
  const spec = { name: "scores", topics: ["in"], model: "demo", output: "scored" };
  const [explained, plain] = await Promise.all(
    [true, false].map(async (contributions) => {
      const { outputs } = await over(bus, serve({ ...spec, contributions }));
      return outputs.filter(({ topic }) => topic === "scored").map(({ msg }) => msg as Said);
    }),
  );
  const without = explained!.map(({ contributions: _, ...rest }) => rest);
  if (JSON.stringify(without) !== JSON.stringify(plain)) throw new Error("they differ");
  return explained!;
}

const rows = Array.from({ length: 300 }, (_, index) => ({
  x: Math.sin(index) * 3,
  y: Math.cos(index * 1.7) * 2 + 5,
  ...(index % 7 === 0 ? {} : { z: Math.sin(index * 0.3) }),
}));

/** Standardised rows into one Gemm. */
function linear(
  after: (graph: GraphBuilder, raw: string) => string,
  task: "binary" | "regression",
): Buffer {
  const scaler = new RunningScaler([true, true, false]);
  for (const { x, y, z = 0 } of rows) scaler.observe(Float64Array.of(x, y, z), 0);
  const graph = new GraphBuilder("linear");
  const scaled = scaler.addTo(graph, graph.input("features", ["N", 3]));
  const weights = graph.constant([3, 1], Float32Array.of(2, -1, 0));
  const raw = graph.node("Gemm", [scaled, weights, graph.constant([1], Float32Array.of(0.5))]);
  graph.output(after(graph, raw), "prediction", ["N", 1]);
  return graph.encode({ "fedbus.model": JSON.stringify({ version: 1, task, features }) });
}

test("contributions: of a logistic model are weight times standardised value", async (t) => {
  const whole = rows.filter(({ z }) => z !== undefined);
  const said = await saidBy(
    linear((graph, raw) => graph.node("Sigmoid", [raw]), "binary"),
    whole,
  );
  const mean = rows.reduce((sum, { x }) => sum + x, 0) / rows.length;
  const variance = rows.reduce((sum, { x }) => sum + (x - mean) ** 2, 0) / rows.length;
  for (const [index, { output, contributions }] of said.entries()) {
    const { base, raw, of } = contributions!;
    t.ok(Math.abs(of.x! - (2 * (whole[index]!.x - mean)) / Math.sqrt(variance)) < 1e-4);
    if (base !== 0.5 || of.z !== 0) t.fail(`${base} ${of.z}`);
    if (Math.abs(base + of.x! + of.y! + of.z! - raw) > 1e-9) t.fail("they do not add up");
    if (Math.abs(1 / (1 + Math.exp(-raw)) - output) > 1e-5) t.fail("not the model's output");
  }
});

test("contributions: of a regression are in the label's unit", async (t) => {
  const units = (graph: GraphBuilder, raw: string): string => {
    const scaled = graph.node("Mul", [raw, graph.constant([1], Float32Array.of(10))]);
    return graph.node("Add", [scaled, graph.constant([1], Float32Array.of(100))]);
  };
  const said = await saidBy(linear(units, "regression"), [{ x: 1, y: 2, z: 3 }]);
  const { output, contributions } = said[0]!;
  t.equal(contributions!.base, 105);
  t.ok(Math.abs(contributions!.raw - output) < 1e-4);
});

test("contributions: of trees follow the path of each row", async (t) => {
  const values = Float64Array.from(rows.flatMap(({ x, y, z }) => [x, y, z ?? Number.NaN]));
  const labels = Float64Array.from(rows, ({ x, z = 1 }) => (x > 1 || z < -0.5 ? 1 : 0));
  const labelled = { width: 3, count: rows.length, values, labels };
  const shape = { width: 3, task: "binary", classes: 2, seed: 1 } as const;
  const hyper = { ...boostedTrees.defaults, trees: 20 };
  const weights = new Float64Array(rows.length).fill(1);
  const model = await boostedTrees.fit({ ...labelled, weights }, shape, hyper);
  const graph = new GraphBuilder("trees");
  graph.output(model.addTo(graph, graph.input("features", ["N", 3])), "prediction", ["N", 1]);
  const card = JSON.stringify({ version: 1, task: "binary", features });
  const said = await saidBy(graph.encode({ "fedbus.model": card }), rows);
  const bases = new Set(said.map(({ contributions }) => contributions!.base));
  t.equal(bases.size, 1);
  for (const { output, contributions } of said) {
    const { base, raw, of } = contributions!;
    const sum = Object.values(of).reduce((total, part) => total + part, base);
    if (Math.abs(sum - raw) > 1e-9) t.fail("they do not add up");
    if (Math.abs(1 / (1 + Math.exp(-raw)) - output) > 1e-5) t.fail("not the model's output");
  }
  const total = (name: string): number =>
    said.reduce((sum, { contributions }) => sum + Math.abs(contributions!.of[name]!), 0);
  t.ok(total("x") > 10 * total("y"), "y has nothing to do with it");
  t.ok(total("z") > 10 * total("y"));
});

test("contributions: of a tree are what each split moves the mean of the leaves", async (t) => {
  const graph = new GraphBuilder("tree");
  const tree = new EnsembleNode();
  // x <= 0 gives -1; else y <= 1 gives 2, and more gives 6.
  tree.branch(0, 0, { feature: 0, threshold: 0, left: 1, right: 2 });
  tree.leaf(0, 1, 0, -1);
  tree.branch(0, 2, { feature: 1, threshold: 1, left: 3, right: 4 });
  tree.leaf(0, 3, 0, 2);
  tree.leaf(0, 4, 0, 6);
  const input = graph.input("features", ["N", 3]);
  graph.output(tree.addTo(graph, input, [10]), "prediction", ["N", 1]);
  const card = JSON.stringify({ version: 1, task: "regression", features });
  const file = graph.encode({ "fedbus.model": card });
  const said = await saidBy(file, [{ x: 0 }, { x: 1, y: 0 }, { x: 1, y: 2 }]);
  const mean = (-1 + 2 + 6) / 3;
  const expected = [
    { output: 9, x: -1 - mean, y: 0 },
    { output: 12, x: 4 - mean, y: -2 },
    { output: 16, x: 4 - mean, y: 2 },
  ];
  for (const [index, { output, x, y }] of expected.entries()) {
    const { base, raw, of } = said[index]!.contributions!;
    t.equal(said[index]!.output, output);
    const found = [base, raw, of.x!, of.y!, of.z!];
    t.ok(worstDifference([10 + mean, output, x, y, 0], found) < 1e-12, found.join(" "));
  }
});

/** Learns from the rows, as whoever trains does: a predictor by its kind's name. */
async function learnt(name: string, task: Task, seen: LabelledRows): Promise<Predictor> {
  const shape = { width: seen.width, task, classes: 2, seed: 1 };
  const batch = batchKinds.get(name);
  if (batch !== undefined) return await batch.fit(seen, shape, batch.defaults);
  const kind = onlineKinds.get(name)!;
  const learner = await kind.open(shape, kind.defaults);
  const { stepRows } = learner;
  const { width } = seen;
  for (let from = 0; from + stepRows <= seen.count; from += stepRows) {
    const [values, labels, weights] = [
      seen.values.subarray(from * width, (from + stepRows) * width),
      seen.labels.subarray(from, from + stepRows),
      seen.weights.subarray(from, from + stepRows),
    ];
    await learner.learn({ width, count: stepRows, values, labels, weights });
  }
  return learner;
}

const kinds = [
  ["linear", "regression", "raw"],
  ["logistic", "binary", "logit"],
  ["ftrl", "binary", "logit"],
  ["gbdt", "regression", "raw"],
  ["gbdt", "binary", "logit"],
  ["forest", "regression", "raw"],
] as const;

for (const [name, task, scale] of kinds)
  test(`contributions: of ${name} (${task}) add up to what the trainer says`, async (t) => {
    const count = 600;
    const points = Array.from({ length: count }, (_, index) => ({
      ...{ x: Math.sin(index) * 2, y: Math.cos(index * 1.7), z: Math.sin(index * 0.3) },
    }));
    const values = Float64Array.from(points.flatMap(({ x, y, z }) => [x, y, z].map(Math.fround)));
    const labels = Float64Array.from(points, ({ x, y }, index) => {
      const score = x - 2 * y + Math.sin(index * 7.3);
      return task === "binary" ? Number(score > 0) : score;
    });
    const weights = new Float64Array(count).fill(1);
    const model = await learnt(name, task, { width: 3, count, values, labels, weights });
    const graph = new GraphBuilder(name);
    graph.output(model.addTo(graph, graph.input("features", ["N", 3])), "prediction", ["N", 1]);
    const card = JSON.stringify({ version: 1, task, features });
    const said = await saidBy(graph.encode({ "fedbus.model": card }), points);
    const right = await model.predict({ width: 3, count, values });
    await model.close?.();
    const wanted = scale === "logit" ? right.map((p) => Math.log(p / (1 - p))) : right;
    const raws = said.map(({ contributions }) => contributions!.raw);
    const sums = said.map(({ contributions }) =>
      Object.values(contributions!.of).reduce((sum, part) => sum + part, contributions!.base),
    );
    t.ok(worstDifference(wanted, raws) < 1e-4, String(worstDifference(wanted, raws)));
    t.ok(worstDifference(raws, sums) < 1e-12);
    t.ok(new Set(raws.map((raw) => raw.toFixed(3))).size > 20, "they are not all the same");
  });

test("contributions: are left out where they are not exact", async (t) => {
  for (const { contributions } of await saidBy(networkFile(1), rows.slice(0, 3)))
    t.equal(contributions, undefined);
  const missing = await saidBy(
    linear((graph, raw) => graph.node("Sigmoid", [raw]), "binary"),
    [{ x: 1 }],
  );
  t.match(missing, [{ output: null, reason: "not-finite" }]);
});
