import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { openBus } from "../../bus/index.js";
import { learnLoad, lineOfAnomaly, lineOfForecast } from "../../cli/demo/learn-load.js";
import { demoTopic } from "../../cli/demo/schemas.js";
import { eventsOn } from "../consumers/running.js";

t.test("demo: learns the load, and says what it has learnt and what is unusual", async (t) => {
  await using bus = await openBus();
  const ending = new AbortController();
  const said: string[] = [];
  const dir = t.testdir();
  const say = async (line: string): Promise<void> => void said.push(line);
  const learning = learnLoad(bus, { dir, signal: ending.signal, say });
  await using publisher = bus.publisher();
  const told = (kind: string) => eventsOn(bus, `models.demo-load.${kind}`);
  // It learns from now on: the first ones tell that it has begun.
  while ((await told("forecast")).length === 0) {
    await publisher.publish(demoTopic("cpu"), { host: "here", usage: 0.2 });
    await sleep(20);
  }
  for (let second = 0; second < 70; second++)
    await publisher.publish(demoTopic("cpu"), { host: "here", usage: 0.2 + (second % 2) / 50 });
  await publisher.publish(demoTopic("cpu"), { host: "here", usage: 0.95 });
  while (!said.some((line) => line.startsWith("Unusual"))) await sleep(20);
  ending.abort();
  await learning;
  t.match(said[0], /^Learnt: in 10 seconds the processors will be about 2\d % busy \(\d+ % to/);
  t.match(said.at(-1), /^Unusual: the processors are 95 % busy, and 2\d % was expected: /);
  t.ok((await told("anomaly")).length >= 1);
});

t.test("demo: goes on when it cannot learn, and says why", async (t) => {
  await using bus = await openBus();
  const said: string[] = [];
  const ending = new AbortController();
  t.teardown(() => ending.abort());
  // A file where its state should be.
  const dir = t.testdir({ demo: "in the way" });
  const say = async (line: string): Promise<void> => void said.push(line);
  await learnLoad(bus, { dir: join(dir), signal: ending.signal, say });
  t.match(said, [/^Learning has ended: /]);
});

t.test("demo: says what is not known yet as little as it can", (t) => {
  const unknown = { value: 0.5, lower: null, upper: null };
  t.match(lineOfForecast({ steps: [unknown] }), /about 50 % busy\. Forecasts/);
  const wide = { value: 0.5, lower: -0.2, upper: 1.7 };
  const line = lineOfForecast({ steps: [wide], mae: 0.0123, lastValueMae: 0.02 });
  t.match(line, /\(0 % to 100 %\).*wrong by 1\.2 % on average, 2\.0 % if/);
  const unusual = lineOfAnomaly({ value: 0.9, deviation: -5.26, expected: wide });
  t.match(unusual, /90 % busy, and 50 % was expected: 5\.3 times/);
  const still = lineOfAnomaly({ value: 0.82, deviation: -120, expected: { ...wide, value: 1 } });
  t.match(still, /82 % busy, and 100 % was expected: 6\.0 times/, "errors have a least size");
  t.end();
});
