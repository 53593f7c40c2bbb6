import { cp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { connect } from "../../../bus/client/connect.js";
import { Hub } from "../../../bus/hub/hub.js";
import { LevelLog } from "../../../bus/log/level/level-log.js";
import { MemoryLog } from "../../../bus/log/memory-log.js";
import { freeUrl } from "../ports.js";
import { Collector } from "./collector.js";

async function openHub(dir: string, url: string) {
  const log = await LevelLog.open(dir, { freeBytesMin: 0, ballastBytes: 0, acceptLoss: true });
  const hub = await Hub.open(log, { listen: url });
  const close = async (): Promise<void> => {
    await hub.close();
    await log.close();
  };
  return { log, close };
}

/** A hub whose log is put back to an older copy, with subscribers that were further. */
async function rolledBack(t: { testdir(): string }, writtenAnew: number) {
  const root = t.testdir();
  const [dir, copy] = [join(root, "log"), join(root, "copy")];
  const url = await freeUrl();
  let hub = await openHub(dir, url);
  const bus = await connect(url);
  const publisher = bus.publisher();
  const publish = (count: number, topic: string) =>
    publisher.publishMany(Array.from({ length: count }, (_, msg) => ({ topic, msg })));
  await publish(10, "a");
  await hub.close();
  await cp(dir, copy, { recursive: true });
  hub = await openHub(dir, url);
  const collectors = ["#", "a"].map((pattern) => new Collector(bus, pattern, { from: "earliest" }));
  await publish(10, "b");
  // The one who wants only `a` must be past the copy's end as well.
  await publish(1, "a");
  await Promise.all(collectors.map((collector) => collector.reached(21)));
  await hub.close();
  await rm(dir, { recursive: true });
  await rename(copy, dir);
  hub = await openHub(dir, url);
  await using writer = await connect(url);
  await using anew = writer.publisher();
  const events = Array.from({ length: writtenAnew }, (_, msg) => ({ topic: "b", msg }));
  await anew.publishMany(events);
  return { bus, hub, collectors };
}

for (const [what, writtenAnew] of [
  ["that is behind its readers", 0],
  ["that has grown past its readers again", 100],
] as const)
  t.test(`rollback: an older copy of the log ${what} is LOG_DIVERGED`, async (t) => {
    const { bus, hub, collectors } = await rolledBack(t, writtenAnew);
    for (const collector of collectors) await t.rejects(collector.ended, { code: "LOG_DIVERGED" });
    const again = new Collector(bus, "#", {
      from: { offset: 21, epoch: collectors[0]!.events.at(-1)!.epoch },
    });
    await t.rejects(
      again.ended,
      { code: "LOG_DIVERGED" },
      "a place that is remembered is checked too",
    );
    await bus.close();
    await hub.close();
  });

t.test("rollback: another log at the same address is LOG_DIVERGED", async (t) => {
  const url = await freeUrl();
  const first = await Hub.open(new MemoryLog(), { listen: url });
  const bus = await connect(url);
  const collector = new Collector(bus, "#");
  await collector.subscription.whenCaughtUp();
  await using publisher = bus.publisher();
  await publisher.publish("a", 1);
  await collector.reached(1);
  await first.close();
  const second = await Hub.open(new MemoryLog(), { listen: url });
  await t.rejects(collector.ended, { code: "LOG_DIVERGED" });
  await bus.close();
  await second.close();
});

t.test(
  "rollback: a place past the head is OFFSET_INVALID, and with an epoch LOG_DIVERGED",
  async (t) => {
    const hub = await Hub.open(new MemoryLog(), { listen: "tcp://127.0.0.1:0" });
    const bus = await connect(hub.url);
    const past = (epoch: object) =>
      new Collector(bus, "#", { from: { offset: 7, ...epoch } }).ended;
    await t.rejects(past({}), { code: "OFFSET_INVALID" });
    await t.rejects(past({ epoch: 1 }), { code: "LOG_DIVERGED" });
    await bus.close();
    await hub.close();
  },
);
