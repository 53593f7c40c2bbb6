import { type Case, type CsvRow, csvRows, rowsOf, type SplitTable } from "./split-table.js";
import { TrailingWindow } from "./trailing-window.js";

const dayMs = 86_400_000;

/** A fraud is known this long after the transaction. */
const labelDelayMs = 7 * dayMs;

const windowDays = [1, 7, 30];
const learnFrom = Date.parse("2018-07-08T00:00:00Z");
const learnTo = Date.parse("2018-07-12T00:00:00Z");
/** By then the labels of all rows that are learnt from are known. */
const judgeFrom = learnTo + labelDelayMs;

/**
 * Card transactions: is one a fraud? Features by customer (how many, mean amount) and by terminal (how many, share of
 * frauds among those whose label is known by then) over 1, 7 and 30 days before it (Le Borgne et al., "Reproducible machine
 * learning for credit card fraud detection", 2022). Learnt from four days, judged by those that begin a week later.
 */
export async function fraud(): Promise<SplitTable> {
  const rows = await csvRows("fraud_handbook_sim/transactions_2018-07-01_21.csv");
  const featuresOf = extractor();
  const train: Case[] = [];
  const test: Case[] = [];
  for (const row of rows) {
    const time = Date.parse(`${row.TX_DATETIME!.replace(" ", "T")}Z`);
    const one = { features: featuresOf(row, time), label: Number(row.TX_FRAUD) };
    if (time >= learnFrom && time < learnTo) train.push(one);
    if (time >= judgeFrom) test.push(one);
  }
  const columns = windowDays.flatMap((days) =>
    ["customer's number", "customer's mean", "terminal's number", "terminal's frauds"].map(
      (name) => `${name}, ${days} days`,
    ),
  );
  return {
    name: "fraud_handbook_sim",
    columns: ["amount", "night", "weekend", ...columns],
    train: rowsOf(train),
    test: rowsOf(test),
    minRows: 100,
  };
}

/** Takes the rows in the order of their times. */
function extractor(): (row: CsvRow, time: number) => number[] {
  const windows = windowDays.map((days) => ({
    customer: new TrailingWindow(days * dayMs),
    terminal: new TrailingWindow(days * dayMs, labelDelayMs),
  }));
  return (row, time) => {
    const amount = Number(row.TX_AMOUNT);
    const date = new Date(time);
    const features = [amount, date.getUTCHours() <= 6 ? 1 : 0, date.getUTCDay() % 6 === 0 ? 1 : 0];
    for (const { customer, terminal } of windows) {
      const own = customer.before(row.CUSTOMER_ID!, time);
      const there = terminal.before(row.TERMINAL_ID!, time);
      features.push(own.count, own.mean, there.count, there.mean);
      customer.add(row.CUSTOMER_ID!, time, amount);
      terminal.add(row.TERMINAL_ID!, time, Number(row.TX_FRAUD));
    }
    return features;
  };
}
