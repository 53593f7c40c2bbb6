import { GraphBuilder } from "../../../../consumers/models/onnx/graph-builder.js";

/** y = amount × 2 + hour × 10, from two inputs of their own types: [N] and [N, 1]. */
export function twoInputs(): Buffer {
  const graph = new GraphBuilder("two");
  const amount = graph.input("amount", ["N"]);
  const hour = graph.input("hour", ["N", 1], "int64");
  const flat = graph.node("Reshape", [
    graph.node("Cast", [hour], { to: 1 }),
    graph.constant([1], BigInt64Array.of(-1n)),
  ]);
  const [two, ten] = [2, 10].map((n) => graph.constant([1], Float32Array.of(n)));
  const sum = graph.node("Add", [
    graph.node("Mul", [amount, two!]),
    graph.node("Mul", [flat, ten!]),
  ]);
  graph.output(sum, "y", ["N"]);
  return graph.encode({ author: "elsewhere" });
}

/** As scikit-learn's classifiers are exported: a label, and a probability for each of two classes. */
export function classifier(input = "X"): Buffer {
  const graph = new GraphBuilder("classifier");
  const rows = graph.input(input, ["N", 3]);
  const weights = graph.constant([3, 2], Float32Array.of(-1, 1, 0, 0, -2, 2));
  const probabilities = graph.node("Softmax", [graph.node("MatMul", [rows, weights])], { axis: 1 });
  const label = graph.node("ArgMax", [probabilities], { axis: 1, keepdims: 0 });
  graph.output(label, "label", ["N"], "int64");
  graph.output(probabilities, "probabilities", ["N", 2]);
  return graph.encode();
}
