import { GraphBuilder } from "../../../../consumers/models/onnx/graph-builder.js";
import { MessageWriter } from "../../../../consumers/models/onnx/message-writer.js";

/** features [N, 2] > whatever `build` makes of them, as the output. */
export function modelOf(build: (graph: GraphBuilder, rows: string) => string): Buffer {
  const graph = new GraphBuilder("hostile");
  const rows = graph.input("features", ["N", 2]);
  graph.output(build(graph, rows), "prediction", ["N", 2]);
  return graph.encode();
}

const counts = (graph: GraphBuilder, ...values: readonly bigint[]) =>
  graph.constant([values.length], BigInt64Array.from(values));

/** Adds to the rows for as long as 2 ** 62 turns take. */
export const endless = modelOf((graph, rows) => {
  const body = new GraphBuilder("hostile.body");
  body.input("turn", [], "int64");
  body.input("go", [], "bool");
  const before = body.input("before", ["N", 2]);
  body.output(body.node("Identity", ["go"]), "on", [], "bool");
  body.output(body.node("Sin", [before]), "after", ["N", 2]);
  return graph.node("Loop", [counts(graph, 2n ** 62n), "", rows], { body });
});

/** Fills that many floats while it computes: `rows` times 0 keeps them from being made beforehand. */
export const greedy = (floats: bigint) =>
  modelOf((graph, rows) => {
    const zero = graph.node("Mul", [rows, graph.constant([1], Float32Array.of(0))]);
    const one = graph.node("ReduceSum", [zero, counts(graph, 0n, 1n)], { keepdims: 1 });
    const many = graph.node("Expand", [one, counts(graph, floats, 1n)]);
    const sum = graph.node("ReduceSum", [many, counts(graph, 0n, 1n)], { keepdims: 1 });
    return graph.node("Add", [rows, sum]);
  });

/** Adds noise. */
export const random = modelOf((graph, rows) =>
  graph.node("Add", [rows, graph.node("RandomNormalLike", [rows])]),
);

/** Subtracts the mean of all rows. */
export const entangled = modelOf((graph, rows) => {
  const mean = graph.node("ReduceMean", [rows], { axes: [0], keepdims: 1 });
  return graph.node("Sub", [rows, mean]);
});

/** Adds a tensor [2] whose values are in another file. */
export function external(location: string): Buffer {
  const entry = (key: string, value: string) => new MessageWriter().text(1, key).text(2, value);
  const tensor = new MessageWriter()
    .ints(1, [2])
    .int(2, 1)
    .text(8, "secret")
    .message(13, entry("location", location))
    .message(13, entry("length", "8"))
    .int(14, 1);
  const shape = new MessageWriter()
    .message(1, new MessageWriter().text(2, "N"))
    .message(1, new MessageWriter().int(1, 2));
  const floats = new MessageWriter().message(1, new MessageWriter().int(1, 1).message(2, shape));
  const add = new MessageWriter().text(1, "x").text(1, "secret").text(2, "y").text(4, "Add");
  const graph = new MessageWriter()
    .message(1, add)
    .text(2, "external")
    .message(5, tensor)
    .message(11, new MessageWriter().text(1, "x").message(2, floats))
    .message(12, new MessageWriter().text(1, "y").message(2, floats));
  return new MessageWriter()
    .int(1, 8)
    .message(7, graph)
    .message(8, new MessageWriter().text(1, "").int(2, 17))
    .end();
}
