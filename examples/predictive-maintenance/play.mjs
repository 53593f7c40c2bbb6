// Eleven weeks of a machine in some seconds: a receiver of alerts, the plugins, and how good they were.
import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { bodiesOn, play } from "../input/play.mjs";
import { machine } from "./readings.mjs";

const sixHoursMs = 6 * 3_600_000;
const { readings, troubles } = machine();
const received = [];

const receiver = createServer(async (request, response) => {
  received.push(JSON.parse(await text(request)).data);
  response.end();
});
receiver.listen(0, "127.0.0.1");
await once(receiver, "listening");
const url = `http://127.0.0.1:${receiver.address().port}/alerts`;

await play({
  folder: import.meta.dirname,
  plugins: {
    "windows.ts": {},
    "learn.ts": {},
    "predict.ts": {},
    "watch.ts": {},
    "notify.ts": { url, unsigned: true, allowHttp: true, allow: ["127.0.0.1"] },
  },
  steps,
  report,
});
receiver.close();

/** Six hours at a time; the reading that ends them is the last: then their model is there before others come. */
function* steps() {
  let step = [];
  for (const reading of readings) {
    step.push(reading);
    if ((reading.timestamp * 1000) % sixHoursMs !== 0) continue;
    yield step;
    step = [];
  }
  yield step;
}

async function report(bus) {
  const outcomes = await bodiesOn(bus, "models.machine-heat.outcome");
  const models = await bodiesOn(bus, "models.machine-heat.trained");
  const errorOf = (predicted) =>
    outcomes.reduce((sum, one) => sum + Math.abs(one.label - predicted(one)), 0) / outcomes.length;
  console.log(
    `${readings.length} readings, ${outcomes.length} predictions by ${models.length} models`,
  );
  console.log(`mean error ${errorOf(({ output }) => output).toFixed(3)} degrees`);
  console.log(`mean error ${errorOf(() => 0).toFixed(3)} of "as in the last hour"`);
  console.log(`${received.length} alerts received by the webhook:`);
  for (const { at, predicted, measured, deviations } of received) {
    const date = new Date(at).toISOString().slice(0, 16);
    const [said, found, far] = [predicted, measured, deviations].map((value) => value.toFixed(1));
    const isTrue = troubles.some(({ from, to }) => at >= from && at <= to);
    console.log(
      `${date} predicted ${said}, measured ${found}: ${far} deviations, ${isTrue ? "a trouble" : "a false alarm"}`,
    );
  }
  const found = troubles.filter(({ from, to }) =>
    received.some(({ at }) => at >= from && at <= to),
  );
  console.log(`${found.length} of ${troubles.length} troubles found`);
}
