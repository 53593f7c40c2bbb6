import { GraphBuilder } from "../../../../consumers/models/onnx/graph-builder.js";
import { MessageWriter } from "../../../../consumers/models/onnx/message-writer.js";

/** features [N, 2] times weights, plus bias: [N, 1]. */
export function affine(weights: readonly [number, number], bias: number): GraphBuilder {
  const graph = new GraphBuilder("affine");
  const features = graph.input("features", ["N", 2]);
  const [w, b] = [
    graph.constant([2, 1], Float32Array.from(weights)),
    graph.constant([1], Float32Array.of(bias)),
  ];
  const sums = graph.node("Gemm", [features, w, b], { alpha: { float: 1 } });
  graph.output(sums, "prediction", ["N", 1]);
  return graph;
}

/** Running sums of rows [T, 2], by a `Scan` whose body uses a constant of the graph around it. */
export function runningSums(step: number): GraphBuilder {
  const graph = new GraphBuilder("sums");
  const rows = graph.input("rows", ["T", 2]);
  const zero = graph.constant([2], new Float32Array(2));
  const scale = graph.constant([1], Float32Array.of(step));
  const body = new GraphBuilder("sums.body");
  const before = body.input("before", [2]);
  const row = body.input("row", [2]);
  const after = body.node("Add", [before, body.node("Mul", [row, scale])]);
  body.output(after, "after", [2]);
  body.output(after, "kept", [2]);
  const [last = "", all = ""] = graph.nodes("Scan", [zero, rows], 2, { body, num_scan_inputs: 1 });
  graph.output(last, "last", [2]);
  graph.output(all, "all", ["T", 2]);
  return graph;
}

/** A `TypeProto` of a tensor of floats. */
const floats = (...dims: readonly number[]) => {
  const shape = new MessageWriter();
  for (const dim of dims) shape.message(1, new MessageWriter().int(1, dim));
  return new MessageWriter().message(1, new MessageWriter().int(1, 1).message(2, shape));
};

/** Takes `x` [1, 2] and puts out a sequence with it, as classifiers of scikit-learn do. */
export function sequenceOutput(): Buffer {
  const sequence = new MessageWriter().message(4, new MessageWriter().message(1, floats(1, 2)));
  const graph = new MessageWriter()
    .message(1, new MessageWriter().text(1, "x").text(2, "y").text(4, "SequenceConstruct"))
    .text(2, "sequence")
    .message(11, new MessageWriter().text(1, "x").message(2, floats(1, 2)))
    .message(12, new MessageWriter().text(1, "y").message(2, sequence));
  const opset = new MessageWriter().text(1, "").int(2, 17);
  return new MessageWriter().int(1, 8).message(7, graph).message(8, opset).end();
}
