import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { realData } from "../../../test/real-data.js";
import { csvRows } from "./split-table.js";

/** A value every five minutes, and the spans of time in which something was wrong, as people labelled them. */
export interface LabelledSeries {
  readonly readings: readonly { readonly time: number; readonly value: number }[];
  readonly windows: readonly (readonly [from: number, to: number])[];
}

const file = "realKnownCause/machine_temperature_system_failure.csv";

/**
 * The temperature inside a machine over eleven weeks, with four labelled windows (Lavin and Ahmad, "Evaluating real-time
 * anomaly detection algorithms: the Numenta anomaly benchmark", 2015).
 */
export async function machineTemperature(): Promise<LabelledSeries> {
  const rows = await csvRows(`nab/${file}`);
  const labels = await readFile(join(realData, "nab/labels/combined_windows.json"), "utf8");
  const windows = (JSON.parse(labels) as Record<string, [string, string][]>)[file]!;
  return {
    readings: rows.map((row) => ({ time: timeOf(row.timestamp!), value: Number(row.value) })),
    windows: windows.map(([from, to]) => [timeOf(from), timeOf(to)] as const),
  };
}

/** The series names no time zone; any will do. */
function timeOf(text: string): number {
  return Date.parse(`${text.slice(0, 19).replace(" ", "T")}Z`);
}
