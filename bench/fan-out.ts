// To four subscriber processes, beside a bare ZeroMQ PUB that sends the same blocks to four others.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Child, startRole } from "./harness/child.js";
import { readOptions, withFolder } from "./harness/options.js";
import { Report } from "./harness/report.js";
import { interleave } from "./harness/rounds.js";
import { ratios } from "./harness/statistics.js";
import type { FanOutHub } from "./roles/fan-out-hub.js";
import type { FedbusSubscriber } from "./roles/fedbus-subscriber.js";
import type { ZeromqPublisher } from "./roles/zeromq-publisher.js";
import type { ZeromqSubscriber } from "./roles/zeromq-subscriber.js";
import { startFedbus } from "./systems/fedbus.js";
import { flow } from "./systems/system.js";

const options = readOptions();
const report = new Report("fan-out", options);
const counts = options.quick ? { warmUps: 1, rounds: 2 } : { warmUps: 2, rounds: 7 };
const count = options.quick ? 100_000 : 500_000;
/** Ready blocks hold this many events; they are sent over and over. */
const readyEvents = 100_000;
const subscribersCount = 4;

interface Receiver {
  call(name: "expect", work: { count: number }): Promise<number>;
}

/** Events a second until the last of the receivers has them all. */
async function fanOut(
  receivers: readonly Receiver[],
  send: () => Promise<{ readonly startUs: number }>,
): Promise<number> {
  const arrived = receivers.map((receiver) => receiver.call("expect", { count }));
  const { startUs } = await send();
  return (count / (Math.max(...(await Promise.all(arrived))) - startUs)) * 1e6;
}

async function subscribers(url: string, howMany: number): Promise<Child<FedbusSubscriber>[]> {
  const children = Array.from({ length: howMany }, () =>
    startRole<FedbusSubscriber>("fedbus-subscriber"),
  );
  await Promise.all(children.map((child) => child.call("open", { url })));
  return children;
}

/** Bare subscribers, each greeted until it has heard it. */
async function bareSubscribers(publisher: Child<ZeromqPublisher>, url: string) {
  const children = Array.from({ length: subscribersCount }, () =>
    startRole<ZeromqSubscriber>("zeromq-subscriber"),
  );
  let greeted = false;
  const all = Promise.all(children.map((child) => child.call("open", { url }))).then(() => {
    greeted = true;
  });
  while (!greeted) {
    await publisher.call("greet");
    await sleep(20);
  }
  await all;
  return children;
}

await withFolder(options, async (dir) => {
  await using fedbus = await startFedbus(join(dir, "fedbus"), options);
  // The ready blocks come from here.
  await flow(fedbus, readyEvents);
  const more = await subscribers(fedbus.url, subscribersCount - 1);

  const hub = startRole<FanOutHub>("fan-out-hub");
  const { url } = await hub.call("open", { from: fedbus.url, events: readyEvents });
  const four = await subscribers(url, subscribersCount);

  const publisher = startRole<ZeromqPublisher>("zeromq-publisher");
  const opened = await publisher.call("open", { hub: fedbus.url, events: readyEvents });
  const bare = await bareSubscribers(publisher, opened.url);

  const measured = await interleave(
    [
      {
        name: "published",
        round: () =>
          fanOut([fedbus.subscriber, ...more], () => fedbus.publisher.call("batches", { count })),
      },
      { name: "ready", round: () => fanOut(four, () => hub.call("send", { count })) },
      { name: "bare", round: () => fanOut(bare, () => publisher.call("send", { count })) },
    ],
    counts,
  );
  const published = measured.get("published")!;
  const ready = measured.get("ready")!;
  const limit = measured.get("bare")!;
  report.series("hub, ready blocks to 4", "events/s", ready);
  report.series("hub, published and stored, to 4", "events/s", published);
  report.series("bare PUB/SUB, ready blocks to 4", "events/s", limit);
  const stage = ratios(ready, limit);
  const whole = ratios(published, limit);
  report.ratio("ready blocks to bare", stage);
  report.ratio("whole pipeline to bare", whole);
  report.target("ratio of ready blocks", stage.median, { atLeast: 0.7 });
  report.target("ratio of the whole pipeline", whole.median, { atLeast: 0.7 });
  for (const child of [...more, ...four, ...bare, publisher, hub]) await child.end();
});
report.finish();
