import { csvRows, rowsOf, type SplitTable } from "./split-table.js";

const numbers = ["Temperature", "Humidity", "Light", "CO2", "HumidityRatio"];

/** Sensors of a room, by the minute: is somebody there? Learnt from one week, judged by two others, as published. */
export async function occupancy(): Promise<SplitTable> {
  const [train, test, more] = await Promise.all(
    ["datatraining", "datatest", "datatest2"].map(casesOf),
  );
  return {
    name: "occupancy",
    columns: numbers,
    train: rowsOf(train!),
    test: rowsOf([...test!, ...more!]),
    minRows: 20,
  };
}

/** The header lacks the name of the first column, the row's number. */
async function casesOf(file: string) {
  const names = ["row", "date", ...numbers, "Occupancy"];
  const rows = await csvRows(`occupancy/${file}.csv`, names);
  return rows.slice(1).map((row) => ({
    features: numbers.map((name) => Number(row[name])),
    label: Number(row.Occupancy),
  }));
}
