import { csvRows, drawnSplit, oneHot, type SplitTable } from "./split-table.js";

const numbers = [
  "Administrative",
  "Administrative_Duration",
  "Informational",
  "Informational_Duration",
  "ProductRelated",
  "ProductRelated_Duration",
  "BounceRates",
  "ExitRates",
  "PageValues",
  "SpecialDay",
];
const categories = ["Month", "VisitorType", "OperatingSystems", "TrafficType"];

/** Shopping sessions: does one end in a purchase? */
export async function shoppers(): Promise<SplitTable> {
  const rows = await csvRows("online_shoppers/online_shoppers_intention.csv");
  const encoders = categories.map((name) => oneHot(rows, name));
  const cases = rows.map((row) => ({
    features: [
      ...numbers.map((name) => Number(row[name])),
      row.Weekend === "TRUE" ? 1 : 0,
      ...encoders.flatMap((encode) => encode(row)),
    ],
    label: row.Revenue === "TRUE" ? 1 : 0,
  }));
  return {
    name: "online_shoppers",
    columns: [...numbers, "Weekend", ...categories],
    ...drawnSplit(cases),
    minRows: 20,
  };
}
