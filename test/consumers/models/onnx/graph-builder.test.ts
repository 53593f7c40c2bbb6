import t from "tap";
import { GraphBuilder } from "../../../../consumers/models/onnx/graph-builder.js";
import { readModelFile } from "../../../../consumers/models/onnx/model-file.js";
import { affine, runningSums } from "./samples.js";

const onnxruntime = await import("onnxruntime-node").catch(() => undefined);
const skip = onnxruntime === undefined ? "onnxruntime-node is not installed" : false;

async function run(model: Uint8Array, name: string, dims: readonly number[], values: number[]) {
  const { InferenceSession, Tensor } = onnxruntime!;
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1 });
  const outputs = await session.run({ [name]: new Tensor("float32", values, dims) });
  await session.release();
  return Object.fromEntries(
    Object.entries(outputs).map(([output, { data }]) => [output, [...(data as Float32Array)]]),
  );
}

t.test("a graph reads back as it was built", async (t) => {
  const file = readModelFile(affine([2, -3], 0.5).encode({ "fedbus.model": "{}", more: "ü" }));
  t.equal(file.irVersion, 8);
  t.equal(file.producer, "fedbus");
  t.same(
    [...file.opsets],
    [
      ["", 17],
      ["ai.onnx.ml", 3],
    ],
  );
  t.same(
    [...file.metadata],
    [
      ["fedbus.model", "{}"],
      ["more", "ü"],
    ],
  );
  const { inputs, outputs, nodes, initializers } = file.graph;
  t.same(inputs, [{ name: "features", kind: "tensor", type: "float", dims: ["N", 2] }]);
  t.same(outputs, [{ name: "prediction", kind: "tensor", type: "float", dims: ["N", 1] }]);
  t.match(nodes, [{ op: "Gemm", domain: "", outputs: ["prediction"], graphs: [] }]);
  t.match(initializers, [
    { type: "float", dims: [2, 1], bytes: 8, external: false },
    { type: "float", dims: [1], bytes: 4, external: false },
  ]);
});

t.test("the same calls give the same bytes", async (t) => {
  t.same(affine([1, 2], 3).encode({ a: "1" }), affine([1, 2], 3).encode({ a: "1" }));
  t.notSame(affine([1, 2], 3).encode(), affine([1, 2], 4).encode());
});

t.test("a graph keeps the values that a constant had", async (t) => {
  const graph = new GraphBuilder("kept");
  const values = Float32Array.of(1);
  graph.constant([1], values);
  const before = graph.encode();
  values[0] = 2;
  t.same(graph.encode(), before);
});

t.test("what does not fit is a programmer's mistake", async (t) => {
  const graph = new GraphBuilder("wrong");
  t.throws(() => graph.constant([2, 2], Float32Array.of(1)), RangeError);
  graph.nodes("Softmax", ["x"], 1, { axis: 1.5 });
  t.throws(() => graph.encode(), RangeError);
});

t.test("onnxruntime computes what was built", { skip }, async (t) => {
  const model = affine([2, -3], 0.5).encode();
  t.same(await run(model, "features", [2, 2], [1, 1, 10, 0]), { prediction: [-0.5, 20.5] });
});

t.test("onnxruntime runs an inner graph, which sees the outer one", { skip }, async (t) => {
  const file = readModelFile(runningSums(2).encode());
  t.match(file.graph.nodes, [
    { op: "Scan", graphs: [{ name: "sums.body", inputs: { length: 2 } }] },
  ]);
  t.same(await run(runningSums(2).encode(), "rows", [3, 2], [1, 10, 2, 20, 3, 30]), {
    last: [12, 120],
    all: [2, 20, 6, 60, 12, 120],
  });
});

t.test(
  "onnxruntime takes attributes of every type, and values under two names",
  { skip },
  async (t) => {
    const graph = new GraphBuilder("tree");
    const rows = graph.input("rows", ["N", 1]);
    // One split at 0.5, encoded node by node: 0 is the split, 1 and 2 are the leaves.
    const tree = graph.node(
      "TreeEnsembleRegressor",
      [rows],
      {
        n_targets: 1,
        nodes_treeids: [0, 0, 0],
        nodes_nodeids: [0, 1, 2],
        nodes_featureids: [0, 0, 0],
        nodes_modes: ["BRANCH_LEQ", "LEAF", "LEAF"],
        nodes_values: { floats: [0.5, 0, 0] },
        nodes_truenodeids: [1, 0, 0],
        nodes_falsenodeids: [2, 0, 0],
        nodes_missing_value_tracks_true: [1, 0, 0],
        target_treeids: [0, 0],
        target_nodeids: [1, 2],
        target_ids: [0, 0],
        target_weights: { floats: [-1, 1] },
        post_transform: "NONE",
      },
      "ai.onnx.ml",
    );
    graph.output(tree, "first", ["N", 1]);
    graph.output(tree, "second", ["N", 1]);
    graph.output(rows, "third", ["N", 1]);
    const found = await run(graph.encode(), "rows", [3, 1], [0, 1, Number.NaN]);
    t.same(found, { first: [-1, 1, -1], second: [-1, 1, -1], third: [0, 1, Number.NaN] });
  },
);
