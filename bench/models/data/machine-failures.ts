import { csvRows, drawnSplit, type SplitTable } from "./split-table.js";

const numbers = [
  "Air temperature [K]",
  "Process temperature [K]",
  "Rotational speed [rpm]",
  "Torque [Nm]",
  "Tool wear [min]",
];

/** Machines at work: does one fail? */
export async function machineFailures(): Promise<SplitTable> {
  const rows = await csvRows("ai4i2020/ai4i2020.csv");
  const cases = rows.map((row) => ({
    // L, M and H are low, medium and high quality.
    features: [...numbers.map((name) => Number(row[name])), "LMH".indexOf(row.Type!)],
    label: Number(row["Machine failure"]),
  }));
  return { name: "ai4i2020", columns: [...numbers, "Type"], ...drawnSplit(cases), minRows: 20 };
}
