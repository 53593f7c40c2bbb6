// Whether models are as good as those of scikit-learn: the same rows, the same columns, by AUC. And what a
// control chart finds in a machine's temperature.
import { judge } from "./control-chart.js";
import { fraud } from "./data/fraud.js";
import { machineFailures } from "./data/machine-failures.js";
import { machineTemperature } from "./data/machine-temperature.js";
import { occupancy } from "./data/occupancy.js";
import { shoppers } from "./data/shoppers.js";
import { aucOf, type OwnModel, ownModels } from "./own-models.js";
import { fitScikit, type ScikitModel, scikitLearn } from "./scikit-learn.js";

/** Ours, and what each is compared with. */
const pairs: readonly (readonly [OwnModel, ScikitModel])[] = [
  ["gbdt", "gbdt"],
  ["forest", "forest"],
  ["logistic", "logistic"],
  ["ftrl", "logistic"],
];

const python = await scikitLearn();
if ("missing" in python) console.log(`scikit-learn is left out: ${python.missing}`);
console.log("| data | rows | columns | model | fedbus | scikit-learn | difference |");
console.log("|---|---|---|---|---|---|---|");
for (const load of [shoppers, machineFailures, occupancy, fraud]) {
  const table = await load();
  const { labels } = table.test;
  const fitted =
    "run" in python ? await fitScikit(python, ["gbdt", "forest", "logistic"], table) : undefined;
  for (const [own, theirs] of pairs) {
    const auc = aucOf(labels, await ownModels[own](table));
    const answers = fitted?.get(theirs)?.answers;
    const other = answers === undefined ? Number.NaN : aucOf(labels, answers);
    const rows = `${table.train.count} + ${table.test.count}`;
    const figures = [auc, other, auc - other].map((figure) => figure.toFixed(4));
    console.log(`| ${[table.name, rows, table.train.width, own, ...figures].join(" | ")} |`);
  }
}
const { found, windows, alarms, falseAlarms } = judge(await machineTemperature());
console.log(
  `\nmachine_temperature: ${found} of ${windows} labelled windows found, ${alarms} alarms, ${falseAlarms} of them false`,
);
