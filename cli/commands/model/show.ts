import {
  findModel,
  type ModelHistory,
  type ModelVersion,
  objectIn,
} from "../../../consumers/index.js";
import { withBus } from "../../bus-for.js";
import { command } from "../../command.js";
import { exit } from "../../exit.js";
import {
  columnsOf,
  hyperText,
  knownColumnsOf,
  membersText,
  plainMetrics,
  showNumber,
  showReference,
  showValue,
} from "../../model/lineage-text.js";
import { modelArgument } from "../../model/model-argument.js";
import { showBytes, showTime } from "../../render/amounts.js";
import { table } from "../../render/table.js";

/** Columns, promotions and rejections that are shown, the last ones. */
const itemsMax = 20;

export const show = command({
  positionals: modelArgument,
  options: {},
  examples: [
    ["$0 model show fraud", "what answers now"],
    ["$0 model show fraud@3 --json", "version 3, with its whole lineage"],
  ],
  async run({ model }, { where, json, out, signal }) {
    const { history, version, isStored } = await withBus(where, async ({ bus }) => {
      const found = await findModel(bus, model, { signal });
      return { ...found, isStored: await bus.blobs.has(found.version.sha256) };
    });
    const { promotions, rejections, drifts, active } = history;
    if (json) {
      const isActive = version.sha256 === active;
      await out.json({ ...version, isActive, isStored, promotions, rejections, drifts });
      return exit.ok;
    }
    await out.write(table(rowsOf(version, history, isStored)));
    await out.write(metricsTable(version));
    await out.write(historyTable(history));
    return exit.ok;
  },
});

function rowsOf(version: ModelVersion, history: ModelHistory, isStored: boolean): string[][] {
  const { lineage, sha256, bytes, origin, offset, recordedAt, cause } = version;
  const { from, to } = objectIn(lineage.offsets);
  const columns = knownColumnsOf(version);
  const all = columnsOf(version).length;
  const isActive = sha256 === history.active;
  return [
    ["model", `${showReference(version)}${isActive ? ", answers now" : ""}`],
    ["sha256", sha256],
    ["size", `${showBytes(bytes)}${isStored ? "" : ", but its file is not in this log"}`],
    [origin, `${showTime(recordedAt)}, offset ${offset}${cause ? ` by ${cause.consumer}` : ""}`],
    ["kind", `${showValue(lineage.kind)}, for ${showValue(lineage.task)}`],
    ...(lineage.classes === undefined ? [] : [["classes", showValue(lineage.classes)]]),
    [
      "columns",
      `${all}: ${columns.slice(0, itemsMax).join(", ")}${columns.length > itemsMax ? " …" : ""}${sparesText(all - columns.length)}`,
    ],
    ["inputs", inputsText(lineage.inputs)],
    ...(from === undefined
      ? []
      : [
          [
            "learnt from",
            `offsets ${showValue(from)} up to ${showValue(to)}, ${showValue(lineage.rows)} rows`,
          ],
        ]),
    ...(lineage.hyper === undefined ? [] : [["hyper", hyperText(version)]]),
    ...["seed", "training", "plugin", "runtime", "source"].flatMap((name) =>
      lineage[name] === undefined ? [] : [[name, membersText(lineage[name])]],
    ),
  ];
}

function sparesText(count: number): string {
  return count === 0 ? "" : `, and ${count} for categories that have not come yet`;
}

function inputsText(inputs: unknown): string {
  if (!Array.isArray(inputs)) return "-";
  return inputs
    .map((input) => {
      const { topic, schema, version } = objectIn(input);
      return schema === undefined ? showValue(topic) : `${showValue(topic)} (${schema}@${version})`;
    })
    .join(", ");
}

function metricsTable({ lineage }: ModelVersion): string {
  const [metrics, baseline] = [plainMetrics(lineage.metrics), plainMetrics(lineage.baseline)];
  const names = Object.keys(metrics);
  if (names.length === 0) return "";
  const rows = names.map((name) => [name, ...[metrics[name], baseline[name]].map(cell)]);
  return `\n${table([["METRIC", "MODEL", "BASELINE"], ...rows], [1, 2])}`;
}

function cell(value: number | undefined): string {
  return value === undefined ? "-" : showNumber(value);
}

function historyTable({ promotions, rejections }: ModelHistory): string {
  const told = [
    ...promotions.map(({ sha256, version, reason, isVoid, ...at }) => ({
      at,
      text: `promoted ${version ?? ""} ${sha256.slice(0, 12)} (${reason})${isVoid ? ", too late: another answered by then" : ""}`,
    })),
    ...rejections.map(({ reason, message, ...at }) => ({
      at,
      text: `rejected (${reason})${message === undefined ? "" : `: ${message}`}`,
    })),
  ];
  if (told.length === 0) return "";
  const last = told.sort((a, b) => a.at.offset - b.at.offset).slice(-itemsMax);
  const rows = last.map(({ at, text }) => [showTime(at.recordedAt), String(at.offset), text]);
  return `\n${table([["TIME", "OFFSET", "WHAT"], ...rows], [1])}`;
}
