import { test } from "tap";
import { serve } from "../../../consumers/index.js";
import { RunningScaler } from "../../../consumers/models/features/running-scaler.js";
import { GraphBuilder } from "../../../consumers/models/onnx/graph-builder.js";
import { boostedTrees } from "../../../consumers/models/trees/boosted-trees.js";
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

test("contributions: are left out where they are not exact", async (t) => {
  for (const { contributions } of await saidBy(networkFile(1), rows.slice(0, 3)))
    t.equal(contributions, undefined);
  const missing = await saidBy(
    linear((graph, raw) => graph.node("Sigmoid", [raw]), "binary"),
    [{ x: 1 }],
  );
  t.match(missing, [{ output: null, reason: "not-finite" }]);
});
