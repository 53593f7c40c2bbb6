import t from "tap";
import { openBus } from "../../bus/index.js";
import { LinePredictor } from "../../cli/model/line-predictor.js";
import { findModel, importModel } from "../../consumers/index.js";
import { classifier } from "../consumers/models/adapt/foreign.js";

t.test("predict: names the features that a line lacks, beside what the model says", async (t) => {
  await using bus = await openBus();
  const features = [
    { path: "msg.a", encoder: { kind: "one-hot", values: [1] } },
    { path: "/total", name: "b", encoder: "missing" },
  ] as const;
  const declaration = { features, classes: [false, true] };
  await importModel(bus, classifier(), { name: "risk", declaration });
  const { sha256 } = (await findModel(bus, "risk")).version;
  const model = { sha256, bytes: await bus.blobs.get(sha256) };
  await using predictor = new LinePredictor(model, { version: "0" });
  const given = [
    { a: 1, total: 2 },
    { a: 1, totl: 2 },
    { topic: "in", msg: { a: null, total: 2 } },
    { aa: 1 },
    [1, 0, 1],
  ];
  const lines = given.map((line, index) => ({
    number: index + 1,
    bytes: Buffer.from(JSON.stringify(line)),
  }));
  const said = await predictor.predict(lines);
  t.match(said, [
    { line: 1, output: Number, decision: Boolean, missing: undefined },
    { line: 2, output: Number, missing: ["/total"] },
    { line: 3, output: Number, missing: ["msg.a"] },
    { line: 4, error: { code: "INPUT_INVALID", details: { missing: ["msg.a", "/total"] } } },
    { line: 5, output: Number, missing: undefined },
  ]);
  t.notOk("missing" in said[0]!, "all is there");
});
