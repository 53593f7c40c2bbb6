// Prints the requests of a web server's access log. Where no real one is at hand, it makes one up.
import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { printEvents } from "../input/print-events.mjs";
import { realData } from "../input/real-data.mjs";
import { pick, seededRandom } from "../input/seeded-random.mjs";

const file = realData("apache_access", "access.csv");
const rows = file === undefined ? [...madeUp(3_000)] : parse(readFileSync(file), { columns: true });

const requests = rows.map(({ ts, ...msg }) => ({
  topic: "web.request",
  msg,
  timestamp: Date.parse(ts) / 1000,
}));
// The log comes from several servers: some of its lines come a little late.
for (let index = 40; index < requests.length; index += 50)
  requests.splice(index - 20, 0, ...requests.splice(index, 1));
await printEvents(requests);

function* madeUp(count) {
  const random = seededRandom(5);
  const pages = Array.from({ length: 60 }, (_, index) => `/articles/${index}/`);
  let time = Date.UTC(2024, 5, 3);
  for (let index = 0; index < count; index++) {
    time += Math.floor(random() * 120_000);
    // What people read changes: every eight hours other articles are in fashion.
    const fashion = Math.floor(time / (8 * 3_600_000)) * 7;
    const place = (fashion + pages.indexOf(pick(pages, random))) % pages.length;
    yield {
      ts: new Date(time).toISOString(),
      ip: `10.0.0.${index % 200}`,
      method: index % 37 === 0 ? "HEAD" : "GET",
      path: index % 23 === 0 ? "/logo.png" : pages[place],
      status: index % 41 === 0 ? "404" : "200",
      bytes: index % 41 === 0 ? "" : "5120",
      user_agent: index % 9 === 0 ? "Mozilla/5.0 (compatible; SomeBot/2.1)" : "Mozilla/5.0",
    };
  }
}
