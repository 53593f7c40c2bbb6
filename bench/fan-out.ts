// To four subscriber processes, beside a bare ZeroMQ PUB that sends the same blocks to four others.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Child, startRole } from "./harness/child.js";
import { readOptions, withFolder } from "./harness/options.js";
import { Report } from "./harness/report.js";
import { interleave } from "./harness/rounds.js";
import { ratios } from "./harness/statistics.js";
import type { FedbusSubscriber } from "./roles/fedbus-subscriber.js";
import type { ZeromqPublisher } from "./roles/zeromq-publisher.js";
import type { ZeromqSubscriber } from "./roles/zeromq-subscriber.js";
import { type FedbusSystem, startFedbus } from "./systems/fedbus.js";
import { flow } from "./systems/system.js";

const options = readOptions();
const report = new Report("fan-out", options);
const counts = options.quick ? { warmUps: 1, rounds: 2 } : { warmUps: 2, rounds: 7 };
const count = options.quick ? 100_000 : 500_000;
const subscribersCount = 4;

/** Events a second until the last of the four has them all. */
async function throughFedbus(
  { publisher }: FedbusSystem,
  subscribers: readonly Child<FedbusSubscriber>[],
): Promise<number> {
  const arrived = subscribers.map((subscriber) => subscriber.call("expect", { count }));
  const { startUs } = await publisher.call("batches", { count });
  return (count / (Math.max(...(await Promise.all(arrived))) - startUs)) * 1e6;
}

async function throughZeromq(
  publisher: Child<ZeromqPublisher>,
  subscribers: readonly Child<ZeromqSubscriber>[],
): Promise<number> {
  const arrived = subscribers.map((subscriber) => subscriber.call("expect", { count }));
  const { startUs } = await publisher.call("send", { count });
  return (count / (Math.max(...(await Promise.all(arrived))) - startUs)) * 1e6;
}

async function greetAll(
  publisher: Child<ZeromqPublisher>,
  subscribers: readonly Child<ZeromqSubscriber>[],
  url: string,
): Promise<void> {
  let greeted = false;
  const all = Promise.all(subscribers.map((subscriber) => subscriber.call("open", { url })));
  all.then(() => {
    greeted = true;
  });
  while (!greeted) {
    await publisher.call("greet");
    await sleep(20);
  }
  await all;
}

await withFolder(options, async (dir) => {
  await using fedbus = await startFedbus(join(dir, "fedbus"), options);
  // The blocks that the bare socket sends come from here.
  await flow(fedbus, 100_000);
  const more = Array.from({ length: subscribersCount - 1 }, () =>
    startRole<FedbusSubscriber>("fedbus-subscriber"),
  );
  const { url } = fedbus;
  await Promise.all(more.map((subscriber) => subscriber.call("open", { url })));
  const publisher = startRole<ZeromqPublisher>("zeromq-publisher");
  const bare = Array.from({ length: subscribersCount }, () =>
    startRole<ZeromqSubscriber>("zeromq-subscriber"),
  );
  const opened = await publisher.call("open", { hub: url, events: 100_000 });
  await greetAll(publisher, bare, opened.url);

  const measured = await interleave(
    [
      { name: "fedbus", round: () => throughFedbus(fedbus, [fedbus.subscriber, ...more]) },
      { name: "zeromq", round: () => throughZeromq(publisher, bare) },
    ],
    counts,
  );
  const ours = measured.get("fedbus")!;
  const theirs = measured.get("zeromq")!;
  report.series("fedbus, published to 4", "events/s", ours);
  report.series("bare PUB/SUB, ready blocks to 4", "events/s", theirs);
  const ratio = ratios(ours, theirs);
  report.ratio("to bare PUB/SUB", ratio);
  report.target("ratio to bare PUB/SUB", ratio.median, { atLeast: 0.7 });
  for (const child of [...more, ...bare, publisher]) await child.end();
});
report.finish();
