import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";
import { admitModel } from "../../../../consumers/models/intake/admit-model.js";
import { dryRun } from "../../../../consumers/models/intake/dry-run.js";
import { GraphBuilder } from "../../../../consumers/models/onnx/graph-builder.js";
import { affine, sequenceOutput } from "../onnx/samples.js";
import { withoutRuntime as skip } from "../runtime/with-runtime.js";
import { endless, entangled, external, greedy, modelOf, random } from "./hostile.js";

// The folders of trials are made here, so that none left behind goes unseen.
const folder = mkdtempSync(join(tmpdir(), "fedbus-trials-"));
process.env.TMPDIR = folder;
t.teardown(() => rmSync(folder, { recursive: true }));

const model = affine([2, -3], 0.5).encode();

t.test("a harmless model is tried, and described", { skip }, async (t) => {
  const { file, report } = await admitModel(model);
  t.equal(file.producer, "fedbus");
  t.match(report, { width: 2, outputs: 1, rowsTried: 16, rowsFailed: 0 });
  t.ok(report.rowMs > 0 && report.batchRowMs > 0);
});

t.test("a model is tried with the rows given", { skip }, async (t) => {
  // The row's first number is a place in a table of 3: made-up rows are out of it, but for 0 and 1.
  const table = modelOf((graph, rows) => {
    const place = graph.node("Cast", [rows], { to: 7 });
    return graph.node("Gather", [graph.constant([3], Float32Array.of(10, 20, 30)), place]);
  });
  t.match((await dryRun(table)).rowsFailed, 1, "the large one; others are within -3 and 2");
  t.match(await dryRun(table, { rows: Float32Array.of(0, 1, 2, 2) }), {
    rowsTried: 2,
    rowsFailed: 0,
    outputs: 2,
  });
  const rows = Float32Array.of(7, 7);
  await t.rejects(dryRun(table, { rows }), { code: "MODEL_FAILED" }, "none can be computed");
  await t.rejects(dryRun(model, { rows: new Float32Array() }), { code: "MODEL_REFUSED" });
});

t.test(
  "how many features there are is the model's to say, or else the caller's",
  { skip },
  async (t) => {
    const graph = new GraphBuilder("open");
    graph.output(graph.node("Neg", [graph.input("x", ["N", "F"])]), "y", ["N", "F"]);
    const open = graph.encode();
    await t.rejects(dryRun(open), { code: "MODEL_REFUSED", message: /how many features/ });
    t.match(await dryRun(open, { width: 5 }), { width: 5, outputs: 5 });
    await t.rejects(dryRun(model, { width: 3 }), { code: "MODEL_REFUSED", message: /2 features/ });
  },
);

t.test("bytes that are no model are refused, tried or not", { skip }, async (t) => {
  for (const bytes of [Buffer.alloc(0), Buffer.from("garbage"), model.subarray(0, 70)]) {
    await t.rejects(admitModel(bytes), { code: "MODEL_INVALID" });
    await t.rejects(dryRun(bytes), { code: "MODEL_INVALID" });
  }
});

t.test("a model that never ends is killed", { skip }, async (t) => {
  await t.rejects(admitModel(endless), { code: "MODEL_REFUSED", message: /Loop/ });
  await t.rejects(dryRun(endless, { limits: { trialMs: 1500 } }), {
    code: "MODEL_REFUSED",
    message: /took more than 1500 ms/,
  });
});

t.test("a model that takes all memory is killed", { skip }, async (t) => {
  const rssBytesMax = 400 * 1024 ** 2;
  const limits = { rssBytesMax, trialMs: 60_000 };
  await t.rejects(admitModel(greedy(4n * 1024n ** 3n), { limits }), {
    code: "MODEL_REFUSED",
    message: /bytes of memory/,
    details: { rssBytesMax },
  });
  t.match(await dryRun(greedy(1024n ** 2n), { limits }), { outputs: 2 }, "4 MiB are within limits");
  const tooMuch = dryRun(greedy(2n ** 60n), { limits });
  await t.rejects(tooMuch, { code: "MODEL_FAILED" }, "more than any machine has");
});

t.test("a model that is not the same again, or not row by row, is refused", { skip }, async (t) => {
  await t.rejects(admitModel(random), { code: "MODEL_REFUSED", message: /RandomNormalLike/ });
  await t.rejects(dryRun(random), { code: "MODEL_REFUSED", message: /rows beside|asked again/ });
  await t.rejects(admitModel(entangled), { code: "MODEL_REFUSED", message: /rows beside it/ });
});

t.test("operators that there are not are refused, tried or not", { skip }, async (t) => {
  const evil = modelOf((graph, rows) => graph.node("Any", [rows], {}, "evil"));
  await t.rejects(admitModel(evil), { code: "MODEL_REFUSED", message: /evil/ });
  await t.rejects(dryRun(evil), { code: "MODEL_INVALID" });
});

t.test("an output that is a sequence is refused, with what to do", { skip }, async (t) => {
  await t.rejects(admitModel(sequenceOutput()), { code: "MODEL_REFUSED", message: /zipmap/ });
});

t.test("values in other files are never read", { skip }, async (t) => {
  const outside = mkdtempSync(join(process.cwd(), ".outside-"));
  t.teardown(() => rmSync(outside, { recursive: true }));
  const secret = join(outside, "secret.bin");
  writeFileSync(secret, Buffer.from(Float32Array.of(40, 2).buffer));
  const relative = secret.slice(process.cwd().length + 1);
  for (const location of [secret, relative, `../../${relative}`, "secret.bin"]) {
    await t.rejects(admitModel(external(location)), { code: "MODEL_REFUSED" }, location);
    // Even past the check nothing of it comes in: the process works in an empty folder.
    await t.rejects(dryRun(external(location)), { code: "MODEL_INVALID" }, location);
  }
});

const strace = spawnSync("strace", ["-o", "/dev/null", "true"]);
const noTrace = strace.status === 0 ? false : "needs strace, and leave to trace";

t.test("no file is opened that a model names", { skip: skip || noTrace }, async (t) => {
  const outside = mkdtempSync(join(process.cwd(), ".outside-"));
  t.teardown(() => rmSync(outside, { recursive: true }));
  const secret = join(outside, "secret.bin");
  writeFileSync(secret, Buffer.alloc(8));
  const models = [secret, "secret.bin"].map((location, index) => {
    writeFileSync(join(outside, `${index}.onnx`), external(location));
    return join(outside, `${index}.onnx`);
  });
  const module = new URL("../../../../consumers/models/intake/dry-run.js", import.meta.url);
  const program = `import { readFileSync } from "node:fs";
    import { dryRun } from ${JSON.stringify(fileURLToPath(module))};
    for (const model of ${JSON.stringify(models)})
      await dryRun(readFileSync(model)).catch((error) => console.log(error.code));`;
  const traced = join(outside, "trace");
  const node = [process.execPath, "--input-type=module", "-e", program];
  const options = ["-f", "-qq", "-e", "trace=open,openat,openat2", "-o", traced];
  const { stdout } = spawnSync("strace", [...options, ...node], { cwd: outside });
  t.equal(stdout.toString(), "MODEL_INVALID\nMODEL_INVALID\n");
  const opened = readFileSync(traced, "utf8").split("\n");
  t.ok(
    opened.some((line) => line.includes("0.onnx")),
    "the trace shows what is opened",
  );
  t.same(
    opened.filter((line) => line.includes("secret.bin")),
    [],
  );
});

t.test("nothing of a trial is left behind", { skip }, async (t) => {
  t.same(readdirSync(folder), []);
});
