import type { Bus } from "../../../bus/index.js";
import {
  ModelHistory,
  type ModelVersion,
  readModel,
  readModels,
} from "../../../consumers/index.js";
import { checkModelName, historyOf } from "../../../consumers/models/registry/models.js";
import {
  type TrainingReport,
  trainingReports,
} from "../../../consumers/models/registry/training-reports.js";
import { withBus } from "../../bus-for.js";
import { command } from "../../command.js";
import { exit } from "../../exit.js";
import { mainMetric, showValue } from "../../model/lineage-text.js";
import { troublesText } from "../../model/troubles-text.js";
import { showBytes, showCount, showTime } from "../../render/amounts.js";
import { jsonLine } from "../../render/escape.js";
import { table } from "../../render/table.js";

export const list = command({
  positionals: { name: { type: "string", describe: "A model's name: lists its versions" } },
  options: {},
  examples: [
    ["$0 model list", "one line a model: what answers now"],
    ["$0 model list fraud", "one line a version"],
  ],
  async run({ name }, { where, json, out, signal }) {
    const { histories, reports } = await withBus(where, ({ bus }) => found(bus, name, { signal }));
    const lines =
      name === undefined
        ? histories.flatMap((history) => modelOf(history, reports.get(history.name)))
        : histories.flatMap(versionsOf);
    if (json) await out.write(lines.map(jsonLine).join(""));
    else {
      await out.write(name === undefined ? modelsTable(histories) : versionsTable(histories[0]!));
      for (const report of reports.values()) await out.write(troublesText(report));
    }
    return exit.ok;
  },
});

/** Models, and what those that are trained tell of it: such of which nothing was published yet too. */
async function found(bus: Bus, name: string | undefined, options: { signal: AbortSignal }) {
  const reports = await trainingReports(
    bus,
    name === undefined ? "*" : checkModelName(name),
    options,
  );
  if (name !== undefined) {
    const read = reports.has(name) ? historyOf : readModel;
    return { histories: [await read(bus, name, options)], reports };
  }
  const models = new Map(await readModels(bus, options));
  for (const name of reports.keys())
    if (!models.has(name)) models.set(name, new ModelHistory(name));
  const histories = [...models.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { histories, reports };
}

/** The version that answers, or else the newest. */
function present(history: ModelHistory): ModelVersion | undefined {
  return history.versions.find(({ sha256 }) => sha256 === history.active) ?? history.newest;
}

function modelOf(history: ModelHistory, report: TrainingReport | undefined): readonly object[] {
  const { name, versions, rejections, drifts, active } = history;
  const counts = { versions: versions.length, rejections: rejections.length, drifts };
  const model = { name, active: active ?? null, ...counts, present: present(history) ?? null };
  return [{ ...model, ...(report && { training: report }) }];
}

function versionsOf(history: ModelHistory): readonly object[] {
  return history.versions.map((version) => ({ ...version, state: stateOf(version, history) }));
}

function stateOf({ sha256 }: ModelVersion, { active, previous }: ModelHistory): string {
  if (sha256 === active) return "active";
  return sha256 === previous ? "previous" : "";
}

function modelsTable(histories: readonly ModelHistory[]): string {
  const rows = histories.map((history) => {
    const version = present(history);
    const isActive = version !== undefined && version.sha256 === history.active;
    return [
      history.name,
      isActive ? String(version.version) : "-",
      showCount(history.versions.length),
      ...(version === undefined ? ["-", "-", "-", "-"] : cellsOf(version)),
    ];
  });
  return table(
    [["MODEL", "ACTIVE", "VERSIONS", "KIND", "METRIC", "SHA256", "MADE"], ...rows],
    [1, 2],
  );
}

function versionsTable(history: ModelHistory): string {
  const rows = history.versions.map((version) => [
    String(version.version),
    stateOf(version, history) || "-",
    // Of a model that was made elsewhere nobody knows what it has learnt from.
    version.lineage.rows === undefined ? "-" : showCount(Number(version.lineage.rows)),
    showBytes(version.bytes),
    ...cellsOf(version),
  ]);
  return table(
    [["VERSION", "STATE", "ROWS", "SIZE", "KIND", "METRIC", "SHA256", "MADE"], ...rows],
    [0, 2, 3],
  );
}

function cellsOf(version: ModelVersion): string[] {
  const { lineage, sha256, recordedAt } = version;
  return [showValue(lineage.kind), mainMetric(version), sha256.slice(0, 12), showTime(recordedAt)];
}
