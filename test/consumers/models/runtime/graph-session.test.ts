import t from "tap";
import { GraphBuilder } from "../../../../consumers/models/onnx/graph-builder.js";
import { GraphSession } from "../../../../consumers/models/runtime/graph-session.js";
import { runtimeVersion } from "../../../../consumers/models/runtime/onnxruntime.js";
import { affine, runningSums } from "../onnx/samples.js";
import { withoutRuntime as skip } from "./with-runtime.js";

const rowsOf = (values: readonly number[], width: number) => ({
  values: Float32Array.from(values),
  dims: [values.length / width, width],
});

t.test("a graph is described and run", { skip }, async (t) => {
  await using session = await GraphSession.open(runningSums(2).encode());
  t.same(session.inputs, [{ name: "rows", type: "float", dims: ["T", 2] }]);
  t.same(session.outputs, [
    { name: "last", type: "float", dims: [2] },
    { name: "all", type: "float", dims: ["T", 2] },
  ]);
  const { last, all } = await session.run({ rows: rowsOf([1, 10, 2, 20], 2) });
  t.same([...last!.values], [6, 60]);
  t.same(all!.dims, [2, 2]);
  const fetched = await session.run({ rows: rowsOf([1, 10], 2) }, ["last"]);
  t.same(Object.keys(fetched), ["last"]);
  t.match(await runtimeVersion(), /^1\.\d+\.\d+/);
});

t.test("what onnxruntime does not take has a code", { skip }, async (t) => {
  const unknown = new GraphBuilder("unknown");
  unknown.output(unknown.node("NoSuchOperator", [unknown.input("x", ["N"])]), "y", ["N"]);
  const cyclic = new GraphBuilder("cyclic");
  cyclic.output(cyclic.node("Relu", ["cyclic/Relu_1"]), "y", ["N"]);
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.from("garbage"),
    affine([1, 2], 3).encode().subarray(0, 60),
    unknown.encode(),
    cyclic.encode(),
  ])
    await t.rejects(GraphSession.open(bytes), { code: "MODEL_INVALID", message: /ONNX Runtime/ });
});

t.test("feeds that do not fit are refused", { skip }, async (t) => {
  await using session = await GraphSession.open(affine([1, 2], 3).encode());
  const features = rowsOf([1, 2], 2);
  await t.rejects(session.run({}), RangeError);
  await t.rejects(session.run({ features, more: features }), RangeError);
  await t.rejects(session.run({ feature: features }), RangeError);
  await t.rejects(session.run({ features: rowsOf([1, 2, 3], 3) }), { code: "MODEL_FAILED" });
  const doubles = { values: Float64Array.of(1, 2), dims: [1, 2] };
  await t.rejects(session.run({ features: doubles }), { code: "MODEL_FAILED" });
  t.same([...(await session.run({ features })).prediction!.values], [8]);
});

t.test(
  "closing waits for what was asked for, and refuses what comes later",
  { skip },
  async (t) => {
    const session = await GraphSession.open(affine([1, 2], 3).encode());
    const features = rowsOf([1, 2], 2);
    const running = Array.from({ length: 20 }, () => session.run({ features }));
    const closing = session.close();
    t.equal(session.close(), closing);
    await t.rejects(session.run({ features }), { code: "CLOSED" });
    await closing;
    for (const { prediction } of await Promise.all(running)) t.same([...prediction!.values], [8]);
  },
);
