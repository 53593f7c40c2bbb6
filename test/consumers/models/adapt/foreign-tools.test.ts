import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { scikitLearn } from "../../../../bench/models/scikit-learn.js";
import { openBus } from "../../../../bus/index.js";
import type { ImportDeclaration } from "../../../../consumers/models/adapt/import-declaration.js";
import { importModel } from "../../../../consumers/models/adapt/import-model.js";
import { ModelSession } from "../../../../consumers/models/runtime/model-session.js";
import { patienceMs } from "../../../bus/seed.js";
import { cli } from "../../../cli/spawn-cli.js";
import { withoutOnnxRuntime } from "../exported.js";
import { type ForeignModel, foreignModels } from "./foreign-tools.js";

t.setTimeout(patienceMs);

const python = await scikitLearn();
const skip = "missing" in python ? python.missing : withoutOnnxRuntime;
const models = "missing" in python || skip !== false ? [] : await foreignModels(python);
const features = ["a", "b", "c", "d"].map((name) => ({ path: `msg.${name}` }));
const declarations: Readonly<Record<string, ImportDeclaration>> = {
  torch: { features, task: "binary" },
};

/** How far two answers may be apart: one computes in 32 bits, the other in 64. */
const toleranceMax = 1e-5;

function apart({ expected }: ForeignModel, said: ArrayLike<number>): number {
  return Math.max(
    ...expected.map((value, row) => Math.abs(said[row]! - value) / Math.max(1, Math.abs(value))),
  );
}

t.test(
  "import: files of scikit-learn and PyTorch say what these tools say",
  { skip },
  async (t) => {
    await using bus = await openBus();
    for (const model of models) {
      const { name, file, rows } = model;
      const declaration = declarations[name] ?? { features };
      const bytes = Buffer.from(file, "base64");
      const { sha256, trial } = await importModel(bus, bytes, { name, declaration });
      t.match(trial, { width: 4, outputs: 1 }, name);
      await using session = await ModelSession.open(await bus.blobs.get(sha256));
      const said = await session.run(Float32Array.from(rows.flat()), 4);
      t.equal(said.length, 64, name);
      t.ok(apart(model, said) < toleranceMax, `${name}: ${apart(model, said)}`);
    }
    t.same(
      models.map(({ name }) => name),
      ["logistic", "forest", "boosting", "torch"],
    );
  },
);

t.test("model: a file of scikit-learn through import and predict", { skip }, async (t) => {
  const dir = t.testdir();
  const [file, declared, log] = ["m.onnx", "m.json", "log"].map((name) => join(dir, name)) as [
    string,
    string,
    string,
  ];
  const model = models[0]!;
  writeFileSync(file, Buffer.from(model.file, "base64"));
  writeFileSync(declared, JSON.stringify(features));
  const line = ["model", "import", file, "--name", "foreign", "--features", declared, "--dir", log];
  t.match(await cli([...line, "--create", "--promote"]), { code: 0, out: /takes 4 columns/ });
  const input = model.rows.map(([a, b, c, d]) => JSON.stringify({ a, b, c, d })).join("\n");
  const { code, out } = await cli(["model", "predict", "foreign", "--dir", log], { input });
  t.equal(code, 0);
  const said = out
    .trim()
    .split("\n")
    .map((text) => (JSON.parse(text) as { output: number }).output);
  t.equal(said.length, model.rows.length);
  t.ok(apart(model, said) < toleranceMax, String(apart(model, said)));
});
