// Prints a month of cloud charges, as rows of a FOCUS billing export, and how well each resource was used (always made
// up). Where no real export is at hand, the charges are made up too.
import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { printEvents } from "../input/print-events.mjs";
import { realData } from "../input/real-data.mjs";
import { pick, seededRandom } from "../input/seeded-random.mjs";

const daySeconds = 86_400;
const random = seededRandom(3);
const file = realData("focus_cost", "focus_sample.csv");
const rows = file === undefined ? [...madeUp(900)] : parse(readFileSync(file), { columns: true });

const charges = rows.map((msg) => ({
  topic: "cloud.charge",
  msg,
  timestamp: Date.parse(`${msg.ChargePeriodStart.replace(" ", "T")}Z`) / 1000,
}));
const events = [...utilisation(charges), ...charges.flatMap(deliveredAgain)];
await printEvents(events.sort((a, b) => a.timestamp - b.timestamp));

/** Exports are delivered again and again; and here and there a number is missing. */
function deliveredAgain(charge, index) {
  if (index % 50 === 7) return [charge, charge];
  return index % 200 === 9 ? [charge, withoutCost(charge)] : [charge];
}

function withoutCost(charge) {
  return { ...charge, msg: { ...charge.msg, Id: `${charge.msg.Id}x`, BilledCost: "" } };
}

/** Of each resource with a charge, but every fifth: the share of it that was used, once a day. */
function* utilisation(charges) {
  const names = charges.map(({ msg }) => msg.ResourceId).filter((name) => name !== "NULL");
  const [first] = charges.map(({ timestamp }) => timestamp).sort((a, b) => a - b);
  for (const [index, resource] of [...new Set(names)].entries())
    for (let day = 0; index % 5 !== 0 && day < 30; day++) {
      const msg = { resource, used: Math.round(random() * 100) / 100 };
      yield { topic: "cloud.utilisation", msg, timestamp: first - 3_600 + day * daySeconds };
    }
}

function* madeUp(count) {
  const start = Date.UTC(2024, 8, 1);
  const teams = ["CheckoutSRE", "SearchData", "FleetAI", "PayrollFinance"];
  const services = ["Compute", "Storage", "Networking", "Databases"];
  for (let index = 0; index < count; index++) {
    const from = new Date(start + Math.floor(random() * 30 * 24) * 3_600_000);
    const runaway = index % 300 === 299 ? 400 : 1;
    yield {
      BilledCost: String((random() * runaway).toFixed(6)),
      ChargeCategory: index % 90 === 1 ? "Credit" : "Usage",
      ChargePeriodStart: from.toISOString().slice(0, 19).replace("T", " "),
      Id: String(index),
      ResourceId: index % 11 === 0 ? "NULL" : `vm-${Math.floor(random() * 40)}`,
      ServiceCategory: pick(services, random),
      SubAccountName: index % 17 === 0 ? "NULL" : "Atlas Orion",
      Tags: index % 3 === 0 ? "NULL" : JSON.stringify({ business_unit: pick(teams, random) }),
    };
  }
}
