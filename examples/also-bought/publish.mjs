// Prints what a shop sold, a line of an invoice each. Where no real invoices are at hand, it makes some up.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { printEvents } from "../input/print-events.mjs";
import { realData } from "../input/real-data.mjs";
import { pick, seededRandom } from "../input/seeded-random.mjs";

const days = 6;
const folder = realData("online_retail");
const rows = folder === undefined ? [...madeUp(400)] : realRows();

await printEvents(
  rows.map((msg) => ({
    topic: "shop.line",
    msg,
    timestamp: Date.parse(`${msg.InvoiceDate.replace(" ", "T")}Z`) / 1000,
  })),
);

function realRows() {
  const names = readdirSync(folder).filter((name) => name.endsWith(".csv"));
  return names
    .sort()
    .slice(0, days)
    .flatMap((name) => parse(readFileSync(join(folder, name)), { columns: true }))
    .sort((a, b) => (a.InvoiceDate < b.InvoiceDate ? -1 : a.InvoiceDate > b.InvoiceDate ? 1 : 0));
}

function* madeUp(invoices) {
  const random = seededRandom(13);
  const things = ["TEAPOT", "TEACUP", "LANTERN", "CLOCK", "RIBBON", "GARLAND", "TIN", "BOWL"];
  const items = things.flatMap((thing, of) =>
    ["RED", "BLUE", "GREEN"].map((colour, at) => [
      `${22_080 + of * 10 + at}`,
      `${colour} ${thing}`,
    ]),
  );
  for (let invoice = 0; invoice < invoices; invoice++) {
    const time = new Date(Date.UTC(2024, 10, 1, 8) + invoice * 240_000);
    const InvoiceDate = time.toISOString().slice(0, 19).replace("T", " ");
    const line = ([StockCode, Description], Quantity = "2", UnitPrice = "1.25") => {
      const InvoiceNo = `${Number(Quantity) < 0 ? "C" : ""}${500_000 + invoice}`;
      return { InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice };
    };
    const wish = pick(items, random);
    yield line(wish);
    // People like the same colour, or the same thing.
    for (const item of items)
      if (item !== wish && random() < 0.4)
        if (item[1].split(" ").some((word) => wish[1].includes(word))) yield line(item);
    if (invoice % 20 === 3) yield line(wish);
    if (invoice % 25 === 4) yield line(wish, "-2");
    if (invoice % 30 === 5) yield line(["POST", "POSTAGE"], "1", "18.00");
    if (invoice % 40 === 6) yield line(pick(items, random), "1", "0.0");
  }
}
