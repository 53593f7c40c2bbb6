import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { admitModel } from "../../../../consumers/models/intake/admit-model.js";
import { ModelSession } from "../../../../consumers/models/runtime/model-session.js";
import { pythonWith } from "../../../python.js";
import { withoutRuntime } from "../runtime/with-runtime.js";

const python = await pythonWith("onnx==1.23.2", "scikit-learn==1.9.1", "skl2onnx==1.20.0");
const skip = withoutRuntime || python.skip;

/** Fits models and converts them; prints what they predict for the first rows. */
const program = `
import json, sys
import numpy as np
from skl2onnx import to_onnx
from sklearn.cluster import KMeans
from sklearn.ensemble import RandomForestClassifier, GradientBoostingRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

x = np.random.default_rng(1).normal(size=(400, 5)).astype(np.float32)
y = (x[:, 0] * x[:, 1] + x[:, 2] > 0).astype(np.int64)
models = {
    "logistic": make_pipeline(StandardScaler(), LogisticRegression()),
    "forest": RandomForestClassifier(20, random_state=1),
    "network": MLPClassifier((8,), max_iter=50, random_state=1),
    "boosting": GradientBoostingRegressor(n_estimators=20, random_state=1),
    "clusters": KMeans(3, n_init=1, random_state=1),
}
found = {}
for name, model in models.items():
    model.fit(x, y)
    classifier = hasattr(model, "predict_proba")
    options = {"zipmap": False} if classifier else None
    with open(f"{sys.argv[1]}/{name}.onnx", "wb") as file:
        file.write(to_onnx(model, x[:1], options=options, target_opset=17).SerializeToString())
    found[name] = (model.predict_proba(x[:50]) if classifier else model.predict(x[:50])).ravel().tolist()
    if name == "logistic":
        with open(f"{sys.argv[1]}/zipmap.onnx", "wb") as file:
            file.write(to_onnx(model, x[:1], target_opset=17).SerializeToString())
print(json.dumps({"rows": x[:50].ravel().tolist(), "found": found}))
`;

t.test(
  "models of scikit-learn are admitted, and predict what they did there",
  { skip },
  async (t) => {
    const dir = mkdtempSync(join(tmpdir(), "fedbus-foreign-"));
    t.teardown(() => rmSync(dir, { recursive: true }));
    const told = JSON.parse(await python.run(program, dir)) as {
      readonly rows: number[];
      readonly found: Readonly<Record<string, number[]>>;
    };
    const rows = Float32Array.from(told.rows);
    const outputs: Readonly<Record<string, string>> = {
      logistic: "probabilities",
      forest: "probabilities",
      network: "probabilities",
      boosting: "variable",
      clusters: "label",
    };
    for (const [name, output] of Object.entries(outputs)) {
      const bytes = readFileSync(join(dir, `${name}.onnx`));
      const { report } = await admitModel(bytes, { output });
      t.equal(report.width, 5, name);
      await using session = await ModelSession.open(bytes, { output });
      const found = await session.run(rows);
      const wanted = told.found[name]!;
      t.equal(found.length, wanted.length, name);
      const off = Math.max(...wanted.map((value, index) => Math.abs(value - found[index]!)));
      t.ok(off < 1e-5, `${name} is off by ${off}`);
    }
    const zipmap = readFileSync(join(dir, "zipmap.onnx"));
    await t.rejects(admitModel(zipmap), { code: "MODEL_REFUSED", message: /a sequence or map/ });
    await t.rejects(admitModel(zipmap, { output: "output_probability" }), {
      code: "MODEL_REFUSED",
      message: /zipmap/,
    });
    t.match((await admitModel(zipmap, { output: "output_label" })).report, { outputs: 1 });
  },
);
