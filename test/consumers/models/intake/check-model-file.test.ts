import t from "tap";
import { checkModelFile } from "../../../../consumers/models/intake/check-model-file.js";
import { modelLimits } from "../../../../consumers/models/intake/model-limits.js";
import { GraphBuilder } from "../../../../consumers/models/onnx/graph-builder.js";
import { MessageWriter } from "../../../../consumers/models/onnx/message-writer.js";
import { affine, runningSums } from "../onnx/samples.js";
import { endless, external, modelOf, random } from "./hostile.js";

/** What is wrong with a model, an item each. */
function problems(bytes: Uint8Array, limits = {}): unknown {
  try {
    checkModelFile(bytes, limits);
    return [];
  } catch (error) {
    const { code, details } = error as { code: string; details: { problems: unknown } };
    return code === "MODEL_REFUSED" ? details.problems : code;
  }
}

const inDomain = (domain: string) =>
  modelOf((graph, rows) => graph.node("Any", [rows], {}, domain));

t.test("a model of ONNX's own operators is let in", async (t) => {
  t.equal(checkModelFile(affine([1, 2], 3).encode()).graph.nodes.length, 1);
  t.same(problems(runningSums(2).encode()), [], "a Scan has an end");
  for (const domain of ["", "ai.onnx", "ai.onnx.ml"]) t.same(problems(inDomain(domain)), []);
});

t.test("operators of others are refused, wherever they are", async (t) => {
  t.match(problems(inDomain("com.microsoft")), [/com\.microsoft/]);
  const inner = new GraphBuilder("inner");
  inner.output(inner.node("Any", [], {}, "evil"), "y", ["N", 2]);
  const outer = modelOf((graph) =>
    graph.node("If", ["c"], { then_branch: inner, else_branch: inner }),
  );
  t.match(problems(outer), [/evil/]);
  const many = modelOf((graph, rows) => {
    for (let index = 0; index < 7; index++) graph.node("Any", [rows], {}, `d${index}`);
    return rows;
  });
  t.match(problems(many), [/d0, d1, d2, d3, d4 and 2 more/]);
});

t.test("loops without an end and randomness are refused, wherever they are", async (t) => {
  t.match(problems(endless), [/Loop: nobody can know/]);
  t.match(problems(random), [/RandomNormalLike: .* replay/]);
  const inner = new GraphBuilder("inner");
  inner.output(inner.node("Multinomial", ["p"]), "y", ["N", 2]);
  const outer = modelOf((graph) => graph.node("If", ["c"], { then_branch: inner }));
  t.match(problems(outer), [/Multinomial/]);
});

t.test("values in other files are refused", async (t) => {
  for (const location of ["weights.bin", "../weights.bin", "/etc/passwd"])
    t.match(problems(external(location)), [/secret are in other files/]);
});

t.test("all that is wrong is told at once", async (t) => {
  const model = modelOf((graph, rows) => {
    const body = new GraphBuilder("body");
    return graph.node("Any", [graph.node("Loop", [rows], { body })], {}, "evil");
  });
  t.match(problems(model, { nodesMax: 1 }), [/2 operators, the limit is 1/, /evil/, /Loop/]);
});

t.test("files of other versions, with functions or training graphs are refused", async (t) => {
  const graph = new MessageWriter().text(2, "g");
  const file = (version: number) => new MessageWriter().int(1, version).message(7, graph);
  t.same(problems(file(3).end()), []);
  t.same(problems(file(13).end()), []);
  t.match(problems(file(2).end()), [/IR version 2/]);
  t.match(problems(file(14).end()), [/IR version 14/]);
  t.match(problems(file(8).message(25, new MessageWriter()).end()), [/inline_local_functions/]);
  t.match(problems(file(8).message(20, new MessageWriter()).end()), [/training/]);
});

t.test("a file may be as large as its limits, and no larger", async (t) => {
  const model = affine([1, 2], 3).encode();
  t.same(problems(model, { bytesMax: model.length }), []);
  t.match(problems(model, { bytesMax: model.length - 1 }), [/bytesMax/]);
  const chain = (length: number) =>
    modelOf((graph, rows) => {
      let value = rows;
      for (let index = 0; index < length; index++) value = graph.node("Neg", [value]);
      return value;
    });
  t.same(problems(chain(modelLimits.nodesMax)), []);
  t.match(problems(chain(modelLimits.nodesMax + 1)), [/nodesMax/]);
});

t.test("limits are checked", async (t) => {
  const model = affine([1, 2], 3).encode();
  t.equal(problems(model, { bytesMax: -1, nodes: 3 }), "OPTIONS_INVALID");
});

t.test("what is no model is not looked through", async (t) => {
  for (const bytes of [Buffer.alloc(0), Buffer.from("garbage"), endless.subarray(0, 50)])
    t.equal(problems(bytes), "MODEL_INVALID");
});
