import { existsSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { fraud } from "../../../bench/models/data/fraud.js";
import { machineFailures } from "../../../bench/models/data/machine-failures.js";
import { occupancy } from "../../../bench/models/data/occupancy.js";
import { shoppers } from "../../../bench/models/data/shoppers.js";
import { aucOf, ownModels } from "../../../bench/models/own-models.js";
import type { Python } from "../../../bench/models/python.js";
import { fitScikit, scikitLearn } from "../../../bench/models/scikit-learn.js";
import { realData } from "../../real-data.js";

/** How much worse than scikit-learn's a model may be. */
const worseMax = 0.01;

const folders = ["online_shoppers", "ai4i2020", "occupancy", "fraud_handbook_sim"];
const absent = folders.find((folder) => !existsSync(join(realData, folder)));
const python: Python =
  absent === undefined
    ? await scikitLearn()
    : { missing: `no real data in ${join(realData, absent)}: FEDBUS_DATA can name another place` };
const skip = "missing" in python && python.missing;

for (const load of [shoppers, machineFailures, occupancy, fraud])
  t.test(`models: as good as scikit-learn's on ${load.name}`, { skip }, async (t) => {
    if ("missing" in python) return;
    const table = await load();
    const fitted = await fitScikit(python, ["gbdt", "logistic"], table);
    for (const [model, { answers }] of fitted) {
      const theirs = aucOf(table.test.labels, answers);
      t.ok(theirs > 0.7, `${model}: scikit-learn has learnt (${theirs})`);
      const own = aucOf(table.test.labels, await ownModels[model](table));
      t.ok(own > theirs - worseMax, `${model}: AUC ${own}, scikit-learn ${theirs}`);
    }
  });
