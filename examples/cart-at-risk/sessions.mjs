// Visits to a shop, and whether they ended in a purchase: real ones where they are at hand, else made-up ones.
import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { realData } from "../input/real-data.mjs";
import { seededRandom } from "../input/seeded-random.mjs";

/** What offers are made to: nobody, everybody, or whom the model takes for lost. By turns. */
const groups = ["never", "always", "model"];
const start = Date.UTC(2026, 1, 2);

/** Visits as `{ session, group, at, visitor, looked, shopped, bought }`; `looked` comes before `shopped`. */
export function visits() {
  const file = realData("online_shoppers", "online_shoppers_intention.csv");
  const all = file === undefined ? madeUp() : inFile(file);
  return all.map((visit, index) => ({
    session: `s${index}`,
    group: groups[index % groups.length],
    at: start + index * 30_000,
    ...visit,
  }));
}

function inFile(file) {
  return parse(readFileSync(file), { columns: true, cast: true }).map((row) => ({
    visitor: { month: row.Month, kind: row.VisitorType, weekend: row.Weekend === "TRUE" },
    looked: {
      ...{ accountPages: row.Administrative, accountSeconds: row.Administrative_Duration },
      ...{ aboutPages: row.Informational, aboutSeconds: row.Informational_Duration },
    },
    shopped: {
      ...{ productPages: row.ProductRelated, productSeconds: row.ProductRelated_Duration },
      ...{ bounceRate: row.BounceRates, exitRate: row.ExitRates, pageValue: row.PageValues },
    },
    bought: row.Revenue === "TRUE",
  }));
}

function madeUp() {
  const random = seededRandom(6);
  return Array.from({ length: 4_000 }, () => {
    const pageValue = random() < 0.3 ? random() * 40 : 0;
    const productPages = Math.ceil(random() * 40);
    const chance = 0.03 + (pageValue > 5 ? 0.5 : 0) + productPages / 500;
    return {
      visitor: { month: "Feb", kind: random() < 0.8 ? "back" : "new", weekend: random() < 0.28 },
      looked: {
        accountPages: Math.floor(random() * 5),
        accountSeconds: random() * 90,
        aboutPages: 0,
        aboutSeconds: 0,
      },
      shopped: {
        productPages,
        productSeconds: productPages * 30,
        bounceRate: 0.02,
        exitRate: 0.04,
        pageValue,
      },
      bought: random() < chance,
    };
  });
}
