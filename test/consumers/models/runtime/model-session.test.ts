import t from "tap";
import { GraphBuilder } from "../../../../consumers/models/onnx/graph-builder.js";
import { ModelSession } from "../../../../consumers/models/runtime/model-session.js";
import { affine, sequenceOutput } from "../onnx/samples.js";
import { withoutRuntime as skip } from "./with-runtime.js";

/** `features` of these dims through one node. */
function through(dims: readonly (number | string)[], op: string, attributes = {}): GraphBuilder {
  const graph = new GraphBuilder("one");
  const value = graph.node(op, [graph.input("features", dims)], attributes);
  graph.output(value, "prediction", ["N", "K"], op === "ArgMax" ? "int64" : "float");
  return graph;
}

t.test("rows go in, rows of outputs come out", { skip }, async (t) => {
  await using model = await ModelSession.open(affine([2, -3], 0.5).encode());
  t.equal(model.width, 2);
  t.same([...(await model.run(Float32Array.of(1, 1, 10, 0)))], [-0.5, 20.5]);
  t.same([...(await model.run(new Float32Array()))], []);
  t.same([...(await model.run(Float32Array.of(Number.NaN, 0)))], [Number.NaN]);
});

t.test("many rows are run in parts, with the same result as one by one", { skip }, async (t) => {
  await using model = await ModelSession.open(affine([0.3, 0.7], 0.1).encode());
  const rows = Float32Array.from({ length: 2 * 2500 }, (_, index) => Math.sin(index));
  const together = await model.run(rows);
  t.equal(together.length, 2500);
  for (const row of [0, 1023, 1024, 2499]) {
    const alone = await model.run(rows.subarray(2 * row, 2 * row + 2));
    t.equal(alone[0], together[row]);
  }
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  await model.run(new Float32Array(2 * 1024 * 50));
  clearInterval(timer);
  t.ok(turns > 1, "the event loop turns between the parts");
});

t.test("rows that do not fit are a programmer's mistake", { skip }, async (t) => {
  await using model = await ModelSession.open(affine([1, 2], 3).encode());
  await t.rejects(model.run(Float32Array.of(1, 2, 3)), RangeError);
  await t.rejects(model.run(Float32Array.of(1, 2, 3), 3), RangeError);
  await using open = await ModelSession.open(through(["N", "F"], "Neg").encode());
  await t.rejects(open.run(Float32Array.of(1, 2, 3)), RangeError, "its width must be told");
  t.same([...(await open.run(Float32Array.of(1, 2, 3), 3))], [-1, -2, -3]);
});

t.test("a model for one row at a time is run row by row", { skip }, async (t) => {
  await using model = await ModelSession.open(through([1, 2], "Neg").encode());
  t.same([...(await model.run(Float32Array.of(1, 2, 3, 4)))], [-1, -2, -3, -4]);
});

t.test("whole numbers are outputs too", { skip }, async (t) => {
  await using model = await ModelSession.open(through(["N", 3], "ArgMax", { axis: 1 }).encode());
  t.same([...(await model.run(Float32Array.of(0, 9, 1, 5, 4, 3)))], [1, 0]);
});

t.test("one of several outputs is chosen", { skip }, async (t) => {
  const graph = new GraphBuilder("two");
  const rows = graph.input("x", ["N", 2]);
  graph.output(graph.node("Neg", [rows]), "a", ["N", 2]);
  graph.output(graph.node("Abs", [rows]), "b", ["N", 2]);
  const bytes = graph.encode();
  await t.rejects(ModelSession.open(bytes), { code: "MODEL_REFUSED", message: /a, b/ });
  await t.rejects(ModelSession.open(bytes, { output: "c" }), { code: "MODEL_REFUSED" });
  await using model = await ModelSession.open(bytes, { output: "b" });
  t.same([...(await model.run(Float32Array.of(-1, 2)))], [1, 2]);
});

t.test("what does not map rows to rows is refused", { skip }, async (t) => {
  const two = new GraphBuilder("two");
  two.output(two.node("Add", [two.input("a", ["N", 2]), two.input("b", ["N", 2])]), "c", ["N", 2]);
  const text = new GraphBuilder("text");
  text.output(
    text.node("Identity", [text.input("x", ["N", 1], "string")]),
    "y",
    ["N", 1],
    "string",
  );
  for (const [what, graph, message] of [
    ["two inputs", two, /2 inputs \(a, b\)/],
    ["text", text, /must be floats/],
    ["images", through(["N", 3, 8, 8], "Neg"), /must be floats/],
    ["two rows at a time", through([2, 3], "Neg"), /takes just 2 rows/],
  ] as const)
    await t.rejects(ModelSession.open(graph.encode()), { code: "MODEL_REFUSED", message }, what);
});

t.test("an output that is a sequence is refused, with what to do", { skip }, async (t) => {
  await t.rejects(ModelSession.open(sequenceOutput()), {
    code: "MODEL_REFUSED",
    message: /sequence or map.*zipmap/,
  });
  const way = { code: "MODEL_REFUSED", message: /skl2onnx: options=\{"zipmap": False\}/ };
  await t.rejects(ModelSession.open(sequenceOutput(), { output: "other" }), way);
});

t.test("a model that sums rows up is found out when it runs", { skip }, async (t) => {
  await using model = await ModelSession.open(
    through(["N", 2], "ReduceMean", { axes: [0], keepdims: 1 }).encode(),
  );
  await t.rejects(model.run(Float32Array.of(1, 2, 3, 4)), {
    code: "MODEL_FAILED",
    message: /gave \[1, 2\] for 2 rows/,
  });
});
