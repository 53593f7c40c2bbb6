// Card transactions in the order of time, and, a week after each fraud, the report of it: real ones (of a simulator that
// is used to compare methods) where they are at hand, else made-up ones.
import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { realData } from "../input/real-data.mjs";
import { seededRandom } from "../input/seeded-random.mjs";

const dayMs = 86_400_000;
const reportedAfterMs = 7 * dayMs;
/** Transactions as `{ tx, at, customer, terminal, amount, isFraud }`. */
export function transactions() {
  const file = realData("fraud_handbook_sim", "transactions_2018-07-01_21.csv");
  return file === undefined ? madeUp() : inFile(file);
}

/** What is published of them. */
export function eventsOf(all) {
  const payments = all.map(({ tx, at, customer, terminal, amount }) => {
    return {
      topic: "card.transaction",
      msg: { tx, customer, terminal, amount },
      timestamp: at / 1000,
    };
  });
  const end = all.at(-1).at;
  const reports = all
    .filter(({ isFraud, at }) => isFraud && at + reportedAfterMs <= end)
    .map(({ tx, at }) => {
      return { topic: "card.reported", msg: { tx }, timestamp: (at + reportedAfterMs) / 1000 };
    });
  return [...payments, ...reports].sort((a, b) => a.timestamp - b.timestamp);
}

/** A sample, which has more frauds than all together: half of the terminals that saw any, a thirtieth of the others. */
function inFile(file) {
  const lines = parse(readFileSync(file), { columns: true });
  const tainted = new Set(lines.filter(isFraud).map(({ TERMINAL_ID }) => TERMINAL_ID));
  return lines
    .filter(({ TERMINAL_ID }) => Number(TERMINAL_ID) % (tainted.has(TERMINAL_ID) ? 2 : 30) === 0)
    .map((line) => ({
      tx: line.TRANSACTION_ID,
      at: Date.parse(`${line.TX_DATETIME.replace(" ", "T")}Z`),
      customer: line.CUSTOMER_ID,
      terminal: line.TERMINAL_ID,
      amount: Number(line.TX_AMOUNT),
      isFraud: isFraud(line),
    }));
}

function isFraud({ TX_FRAUD }) {
  return TX_FRAUD === "1";
}

/** A few terminals are in bad hands from some day on, and what is paid there is fraud. */
function madeUp() {
  const random = seededRandom(4);
  const count = 6_300;
  const days = 21;
  return Array.from({ length: count }, (_, index) => {
    const at = Date.UTC(2026, 0, 5) + Math.floor((index / count) * days * dayMs);
    const terminal = Math.floor(random() * 60);
    const isLarge = random() < 0.01;
    const amount = isLarge ? 230 + random() * 300 : 5 + random() * 150;
    const isFraud = isLarge || (terminal < 3 && random() < 0.9);
    const customer = `c${Math.floor(random() * 300)}`;
    return {
      tx: `t${index}`,
      at,
      customer,
      terminal: `m${terminal}`,
      amount: Number(amount.toFixed(2)),
      isFraud,
    };
  });
}
