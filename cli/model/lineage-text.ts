import { type ModelVersion, objectIn } from "../../consumers/index.js";
import { takesNewton } from "../../consumers/models/learners/network/newton-choice.js";

/** How a value of a lineage is shown: texts and numbers as they are, the rest as JSON. */
export function showValue(value: unknown): string {
  if (value === undefined || value === null) return "-";
  if (typeof value === "number") return showNumber(value);
  if (typeof value === "string") return value;
  return JSON.stringify(value);
}

/** Six digits: more are noise in a metric. */
export function showNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}

/** The metric that says most of a model of its task, as `auc 0.91`; `-` if there is none. */
export function mainMetric({ lineage }: ModelVersion): string {
  const metrics = objectIn(lineage.metrics);
  for (const name of ["auc", "logLoss", "rmse", "accuracy"]) {
    const value = metrics[name];
    if (typeof value === "number") return `${name} ${showNumber(value)}`;
  }
  return "-";
}

/** Names of the columns that the model takes. */
export function columnsOf({ lineage }: ModelVersion): readonly string[] {
  const { columns } = objectIn(lineage.features);
  return Array.isArray(columns) ? columns.map(String) : [];
}

/** The same for a person: those that are kept for categories that have not come yet are counted, not listed. */
export function knownColumnsOf(version: ModelVersion): readonly string[] {
  return columnsOf(version).filter((name) => !/=\?\d+$/.test(name));
}

/** The metrics that are single numbers, by name. */
export function plainMetrics(metrics: unknown): Readonly<Record<string, number>> {
  const entries = Object.entries(objectIn(metrics));
  return Object.fromEntries(
    entries.filter((entry): entry is [string, number] => typeof entry[1] === "number"),
  );
}

export function showReference({ name, version }: Pick<ModelVersion, "name" | "version">): string {
  return `${name}@${version}`;
}

/** What `auto` came to stands beside it. */
export function hyperText(version: ModelVersion): string {
  const { hyper, kind } = version.lineage;
  const { optimiser, l1 = 0, l2 = 0 } = objectIn(hyper);
  const text = membersText(hyper);
  if (kind !== "linear" && kind !== "logistic") return text;
  if (optimiser !== "auto" || typeof l1 !== "number" || typeof l2 !== "number") return text;
  const isNewton = takesNewton({ width: columnsOf(version).length }, { optimiser, l1, l2 });
  return text.replace("optimiser auto", `optimiser auto (${isNewton ? "newton" : "adam"})`);
}

/** The members of an object behind each other, as `rate 0.1, l2 0`. */
export function membersText(value: unknown): string {
  const members = Object.entries(objectIn(value));
  if (members.length === 0) return showValue(value);
  return members.map(([name, member]) => `${name} ${showValue(member)}`).join(", ");
}
