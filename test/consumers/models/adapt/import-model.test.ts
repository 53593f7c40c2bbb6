import { readFileSync } from "node:fs";
import t from "tap";
import { type Bus, openBus } from "../../../../bus/index.js";
import { readModel } from "../../../../consumers/index.js";
import type { ImportDeclaration } from "../../../../consumers/models/adapt/import-declaration.js";
import { importModel } from "../../../../consumers/models/adapt/import-model.js";
import { readModelFile } from "../../../../consumers/models/onnx/model-file.js";
import { ModelSession } from "../../../../consumers/models/runtime/model-session.js";
import { patienceMs } from "../../../bus/seed.js";
import { tellTrained } from "../registry/told-models.js";
import { classifier, twoInputs } from "./foreign.js";

t.setTimeout(patienceMs);

const two: ImportDeclaration = {
  features: [{ path: "msg.hour" }, { path: "msg.amount" }],
};
const sensors: ImportDeclaration = {
  features: [{ path: "msg.a" }, { path: "msg.b" }, { path: "msg.c" }],
};

async function taken(bus: Bus, bytes: Buffer, declaration: ImportDeclaration, name = "foreign") {
  const imported = await importModel(bus, bytes, { name, declaration });
  const session = await ModelSession.open(await bus.blobs.get(imported.sha256));
  return { imported, session };
}

t.test("import: inputs of several shapes and types take their features from one row", async (t) => {
  await using bus = await openBus();
  const { imported, session } = await taken(bus, twoInputs(), two);
  // Features are hour, amount: the model's inputs are amount, hour.
  t.same([...(await session.run(Float32Array.of(3, 1.5, 4, 2.5), 2))], [33, 45]);
  await session.close();
  t.match(imported, { name: "foreign", version: 1, offset: 0, trial: { width: 2, outputs: 1 } });
  const file = readModelFile(await bus.blobs.get(imported.sha256));
  t.equal(file.metadata.get("author"), "elsewhere", "what the file said of itself stays");
  t.match(JSON.parse(file.metadata.get("fedbus.model")!), {
    ...{ name: "foreign", source: "import", task: "regression", kind: "fedbus" },
    features: { columns: ["hour", "amount"] },
    original: { inputs: ["amount", "hour"], output: "y" },
  });
  const history = await readModel(bus, "foreign");
  t.match(history.versions, [{ origin: "imported", sha256: imported.sha256 }]);
  const again = await taken(bus, twoInputs(), two);
  await again.session.close();
  t.match(again.imported, { version: 1, offset: 0, isKnown: true }, "it is the same model");
  t.equal((await bus.source.info()).head, 1, "and nothing is told");
  const other = await taken(bus, twoInputs(), { ...two, kind: "other" });
  await other.session.close();
  t.match(other.imported, { version: 2, isKnown: false });
});

t.test("import: a name under which a consumer trains is refused", async (t) => {
  await using bus = await openBus();
  await tellTrained(bus, "fraud", 1);
  await using publisher = bus.publisher();
  await publisher.publish("models.churn.rejected", { reason: "baseline", message: "no better" });
  for (const name of ["fraud", "churn"])
    await t.rejects(importModel(bus, twoInputs(), { name, declaration: two }), {
      code: "OPTIONS_INVALID",
      details: { name, remedy: /--name/ },
    });
  t.equal((await importModel(bus, twoInputs(), { name: "other", declaration: two })).version, 1);
});

t.test(
  "import: a classifier with labels and probabilities is binary, by its second column",
  async (t) => {
    await using bus = await openBus();
    for (const input of ["X", "features"]) {
      const { imported, session } = await taken(bus, classifier(input), sensors);
      const [first, second] = await session.run(Float32Array.of(1, 0, 1, -1, 5, -1), 3);
      t.ok(Math.abs(first! - 1 / (1 + Math.exp(-6))) < 1e-6);
      t.ok(Math.abs(second! - 1 / (1 + Math.exp(6))) < 1e-6);
      await session.close();
      const { lineage } = (await readModel(bus, "foreign")).find(String(imported.version));
      t.match(lineage, { task: "binary" });
    }
    const classes = { ...sensors, task: "classes", classes: ["no", "yes"] } as const;
    const { imported, session } = await taken(bus, classifier(), classes, "both");
    t.equal(imported.trial.outputs, 2);
    t.equal((await session.run(Float32Array.of(0, 0, 0), 3)).length, 2);
    await session.close();
    const label = await taken(bus, classifier(), { ...sensors, output: "label" }, "label");
    t.same([...(await label.session.run(Float32Array.of(1, 0, 1, -1, 0, -1), 3))], [1, 0]);
    await label.session.close();
  },
);

t.test("import: columns of encoded features, by feature or one by one", async (t) => {
  await using bus = await openBus();
  const features = [
    { path: "msg.kind", encoder: { kind: "one-hot", values: ["x", "y"] } },
    { path: "msg.size" },
  ] as const;
  const declaration = { features, inputs: { X: ["size", "kind=y", "kind=x"] } };
  const { columns } = await (async () => {
    const { session } = await taken(bus, classifier(), declaration);
    await session.close();
    const { lineage } = (await readModel(bus, "foreign")).find();
    return lineage.features as { columns: string[] };
  })();
  t.ok(columns.includes("kind=x"), columns.join(", "));
});

t.test("import: the columns that do not fit are named, with the way out", async (t) => {
  await using bus = await openBus();
  const page = readFileSync("docs/models.md", "utf8");
  const [, text = ""] = /<!-- one-hot: begin -->\n```json\n([\s\S]*?)```/.exec(page) ?? [];
  const { inputs, ...rest } = JSON.parse(text) as ImportDeclaration;
  const take = (more: object) =>
    importModel(bus, classifier(), { name: "returns", declaration: { ...rest, ...more } });
  await t.rejects(take({}), {
    code: "OPTIONS_INVALID",
    message: /X takes 3 columns, and is given 4: total, country=DE, country=FR, country=…$/,
    details: {
      remedy: `country=… is for categories beside the \`values\`: pick columns, in the model's order, by ${JSON.stringify({ inputs })}`,
    },
  });
  await t.rejects(take({ inputs: { X: ["msg.total"] } }), {
    code: "OPTIONS_INVALID",
    message: /there is no feature msg\.total for the model's input X$/,
    details: { remedy: /^there are total, country=DE, country=FR, country=…, country$/ },
  });
  await t.rejects(take({ inputs: { X: ["total"] } }), {
    code: "OPTIONS_INVALID",
    message: /is given 1: total$/,
    details: { remedy: /declare the features that are missing/ },
  });
  t.equal((await take({ inputs })).version, 1, "what the page shows is taken");
});

t.test("import: a declaration that does not fit is OPTIONS_INVALID, and says why", async (t) => {
  await using bus = await openBus();
  const open = [{ path: "msg.kind", encoder: "one-hot" as const }];
  for (const [bytes, declaration, message] of [
    [twoInputs(), { features: [{ path: "msg.hour" }] }, /no feature amount for .* input amount/],
    [twoInputs(), { ...two, inputs: { hours: ["hour"] } }, /no input hours: it has amount, hour/],
    [classifier(), { features: [{ path: "msg.a" }] }, /takes 3 columns, and is given 1/],
    [classifier(), { ...sensors, columns: [2] }, /has 2 columns, from 0 on/],
    [classifier(), { ...sensors, task: "regression" }, /say which by `columns`/],
    [
      classifier(),
      { ...sensors, classes: ["a", "b", "c"], task: "classes" },
      /2 columns for 3 classes/,
    ],
    [classifier(), { ...sensors, classes: ["a"], task: "binary" }, /two classes/],
    [classifier(), { features: open }, /give the `values`/],
    [classifier(), { ...sensors, extra: 1 }, /extra is not an option/],
    [classifier(), { features: "msg.a" }, /features/],
  ] as const) {
    const given = { name: "foreign", declaration: declaration as ImportDeclaration };
    await t.rejects(
      importModel(bus, bytes, given),
      { code: "OPTIONS_INVALID", message },
      String(message),
    );
  }
  const given = { name: "No Name", declaration: sensors };
  await t.rejects(importModel(bus, classifier(), given), { code: "OPTIONS_INVALID" });
  t.same(await bus.blobs.list(), []);
});

t.test("import: what is no model, or no model to be served, is refused", async (t) => {
  await using bus = await openBus();
  const take = (bytes: Buffer, declaration = sensors) =>
    importModel(bus, bytes, { name: "foreign", declaration });
  await t.rejects(take(Buffer.from("no model")), { code: "MODEL_INVALID" });
  await t.rejects(take(classifier().subarray(0, 100)), { code: "MODEL_INVALID" });
  await t.rejects(take(classifier(), { ...sensors, output: "other" }), { code: "MODEL_REFUSED" });
  t.same(await bus.blobs.list(), []);
  t.equal((await bus.source.info()).head, 0);
});
