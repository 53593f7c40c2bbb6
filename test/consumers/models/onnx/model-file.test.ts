import fc from "fast-check";
import t from "tap";
import { GraphBuilder } from "../../../../consumers/models/onnx/graph-builder.js";
import { nodesReadMax } from "../../../../consumers/models/onnx/graph-reader.js";
import { MessageWriter } from "../../../../consumers/models/onnx/message-writer.js";
import { readModelFile } from "../../../../consumers/models/onnx/model-file.js";
import { FedbusError } from "../../../../schemas/errors.js";
import { propertySeed } from "../../../schemas/property.js";
import { affine, runningSums } from "./samples.js";

t.comment(`FEDBUS_SEED=${propertySeed}`);

/** A file with this graph and nothing else. */
const fileOf = (graph: MessageWriter) => new MessageWriter().int(1, 8).message(7, graph).end();
const tensor = () => new MessageWriter().ints(1, [1]).int(2, 1).text(8, "w");

/** The code that reading fails with; undefined where it succeeds. Anything but a code is a fault. */
function codeOf(bytes: Uint8Array): string | undefined {
  try {
    readModelFile(bytes);
    return undefined;
  } catch (error) {
    if (!(error instanceof FedbusError)) throw error;
    return error.code;
  }
}

t.test("a file that is cut off anywhere is no model, or one with less in it", async (t) => {
  const bytes = runningSums(2).encode({ key: "value" });
  const codes = new Set(Array.from(bytes, (_, end) => codeOf(bytes.subarray(0, end))));
  t.same(codes, new Set(["MODEL_INVALID", undefined]));
  t.equal(codeOf(bytes.subarray(0, 40)), "MODEL_INVALID", "within the graph");
});

t.test("whatever bytes come, reading ends with a code", async () => {
  const model = affine([1, 2], 3).encode({ key: "value" });
  const mutated = fc
    .array(fc.record({ at: fc.nat(model.length - 1), value: fc.nat(255) }), { maxLength: 8 })
    .map((changes) => {
      const bytes = Buffer.from(model);
      for (const { at, value } of changes) bytes[at] = value;
      return bytes;
    });
  const anything = fc.oneof(fc.uint8Array({ maxLength: 300 }), mutated);
  const harmless = [undefined, "MODEL_INVALID", "MODEL_REFUSED"];
  fc.assert(
    fc.property(anything, (bytes) => harmless.includes(codeOf(bytes))),
    { seed: propertySeed, numRuns: 3000 },
  );
});

t.test("bytes that are no message are refused, whichever way they are wrong", async (t) => {
  const wrong = {
    "nothing at all": [],
    text: [...Buffer.from("not a model")],
    "a group": [0x0b, 0x0c],
    "field 0": [0x00, 0x01],
    "a number longer than 10 bytes": [0x08, ...new Array<number>(10).fill(0xff), 0x01],
    "a length of 4 GiB": [0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f],
    "a length past 32 bits": [0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f],
    "a graph that is a number": [0x38, 0x01],
    "8 bytes cut off": [0x09, 0x01],
  };
  for (const [what, bytes] of Object.entries(wrong))
    t.equal(codeOf(Uint8Array.from(bytes)), "MODEL_INVALID", what);
});

t.test("parts that protobuf would merge are refused", async (t) => {
  const graph = new MessageWriter().text(2, "g");
  const twice = new MessageWriter().message(7, graph).message(7, graph).end();
  t.equal(codeOf(twice), "MODEL_INVALID", "graphs");
  const type = new MessageWriter().message(1, new MessageWriter().int(1, 1));
  const value = new MessageWriter().text(1, "x").message(2, type).message(2, type);
  t.equal(codeOf(fileOf(new MessageWriter().message(11, value))), "MODEL_INVALID", "types");
  const attribute = new MessageWriter().text(1, "value").message(5, tensor()).message(5, tensor());
  const node = new MessageWriter().text(4, "Constant").message(5, attribute);
  t.equal(codeOf(fileOf(new MessageWriter().message(1, node))), "MODEL_INVALID", "tensors");
  const sparse = new MessageWriter().message(1, tensor()).message(1, tensor());
  t.equal(codeOf(fileOf(new MessageWriter().message(15, sparse))), "MODEL_INVALID", "sparse");
});

t.test("a tensor in another file is seen wherever it is held", async (t) => {
  const entry = new MessageWriter().text(1, "location").text(2, "/etc/passwd");
  for (const out of [tensor().message(13, entry), tensor().int(14, 1)]) {
    const sparse = new MessageWriter().message(1, tensor()).message(2, out);
    const attribute = new MessageWriter().message(10, out).message(22, sparse);
    const node = new MessageWriter().text(4, "Constant").message(5, attribute);
    const graph = new MessageWriter().message(1, node).message(5, out).message(15, sparse);
    const { nodes, initializers } = readModelFile(fileOf(graph)).graph;
    t.same(
      nodes[0]!.tensors.map(({ external }) => external),
      [true, false, true],
    );
    t.same(
      initializers.map(({ external }) => external),
      [true, false, true],
    );
  }
});

t.test("what an output is, is told even if it is no tensor", async (t) => {
  const output = (field: number) =>
    new MessageWriter()
      .text(1, "o")
      .message(2, new MessageWriter().message(field, new MessageWriter()));
  const graph = new MessageWriter();
  for (const field of [4, 5, 7, 8, 9]) graph.message(12, output(field));
  t.same(
    readModelFile(fileOf(graph)).graph.outputs.map(({ kind }) => kind),
    ["sequence", "map", "opaque", "sparse tensor", "optional"],
  );
});

t.test("an input with a stored value need not be fed", async (t) => {
  const value = (name: string) => new MessageWriter().text(1, name);
  const graph = new MessageWriter().message(11, value("x")).message(11, value("w"));
  const { inputs } = readModelFile(fileOf(graph.message(5, tensor()))).graph;
  t.match(inputs, [{ name: "x" }]);
  t.equal(inputs.length, 1);
});

t.test("graphs within graphs are refused past 16", async (t) => {
  const nested = (depth: number): Buffer => {
    let graph = new GraphBuilder("g0");
    for (let level = 1; level < depth; level++) {
      const outer = new GraphBuilder(`g${level}`);
      outer.node("If", ["c"], { then_branch: graph });
      graph = outer;
    }
    return graph.encode();
  };
  t.equal(codeOf(nested(16)), undefined);
  t.equal(codeOf(nested(17)), "MODEL_REFUSED");
});

t.test("nodes are refused past the limit", async (t) => {
  const nodes = (count: number) => Buffer.alloc(2 * count, Uint8Array.of(0x0a, 0x00));
  const file = (count: number) => new MessageWriter().bytes(7, nodes(count)).end();
  t.equal(codeOf(file(nodesReadMax)), undefined);
  t.equal(codeOf(file(nodesReadMax + 1)), "MODEL_REFUSED");
});
