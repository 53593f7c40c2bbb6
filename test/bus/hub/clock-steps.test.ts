import { existsSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import type { Bus } from "../../../bus/bus.js";
import { connect } from "../../../bus/client/connect.js";
import { LevelLog } from "../../../bus/log/level/level-log.js";
import { draftOf } from "../../../bus/testing/drafts.js";
import { Child } from "../child.js";
import { Collector, faultsIn, noFaults } from "../client/collector.js";
import { freeUrl } from "../ports.js";
import { loops, patienceMs, pick, seeded } from "../seed.js";
import { until } from "../turns.js";

const hourMs = 3_600_000;

t.setTimeout(patienceMs);

t.test("clock: offsets and recording times go up over steps and restarts", async (t) => {
  const random = seeded(t);
  const dir = t.testdir();
  let wall = Date.now();
  const options = { clock: () => wall, freeBytesMin: 0, ballastBytes: 0 };
  const epochs: number[] = [];
  let appended = 0;
  for (let life = 0; life < 8; life++) {
    await using log = await LevelLog.open(dir, options);
    epochs.push(log.epoch);
    for (let step = 0; step < 6; step++) {
      wall += pick(random, [-hourMs, -1, 0, 1, hourMs]);
      await log.append([draftOf([["a", appended]])]);
      appended++;
    }
  }
  await using log = await LevelLog.open(dir, options);
  const { blocks } = await log.read({ from: 0 });
  t.same(
    blocks.map(({ firstOffset }) => firstOffset),
    Array.from({ length: appended }, (_, offset) => offset),
  );
  const times = blocks.map(({ recordedAt }) => recordedAt);
  t.same(times, times.toSorted(), "never back");
  t.same(epochs, [...new Set(epochs)].sort(), "each opening has a greater epoch");
  for (const time of new Set(times))
    t.equal(await log.offsetAtTime(time), times.indexOf(time), "times still find offsets");
});

/** Debian's libfaketime, which can set the clock of one process. */
function findFaketime(): string | undefined {
  if (process.platform !== "linux" || !existsSync("/usr/lib")) return undefined;
  return readdirSync("/usr/lib")
    .map((name) => join("/usr/lib", name, "faketime", "libfaketimeMT.so.1"))
    .find(existsSync);
}

const faketime = findFaketime();

/** A clock that one process lives by: the true one and so many hours. */
class StepClock {
  readonly #file: string;

  constructor(dir: string, name: string) {
    this.#file = join(dir, `${name}.offset`);
    this.step(0);
  }

  get env(): Readonly<Record<string, string>> {
    return {
      LD_PRELOAD: faketime!,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      FAKETIME_DONT_RESET: "1",
      NO_FAKE_STAT: "1",
    };
  }

  step(hours: number): void {
    writeFileSync(`${this.#file}.new`, `${hours < 0 ? "-" : "+"}${Math.abs(hours)}h\n`);
    renameSync(`${this.#file}.new`, this.#file);
  }
}

t.test(
  "clock: steps of a hub's and a publisher's clock under load change no order, expire nothing",
  { skip: faketime === undefined && "needs libfaketime (Debian's package of that name)" },
  async (t) => {
    const dir = t.testdir({ log: {} });
    const url = await freeUrl();
    const clocks = [new StepClock(dir, "hub"), new StepClock(dir, "publisher")] as const;
    // Half an hour is kept, and each step is a whole one.
    const hub = await Child.start(
      "hub-child",
      { dir: join(dir, "log"), url, keepAgeMs: hourMs / 2 },
      clocks[0].env,
    );
    const publisher = await Child.start(
      "publisher-child",
      { url, producer: "p", topic: "a.b", from: 0, waitingMax: 20 },
      clocks[1].env,
    );
    const bus = await connect(url);
    const collector = new Collector(bus, "#", { from: "earliest" });
    const rounds = loops("FEDBUS_CLOCK_STEPS", 6);
    let slowestMs = 0;
    await collector.reached(200);
    for (let round = 0; round < rounds; round++)
      for (const [at, clock] of clocks.entries()) {
        // Forward, back, and right, from an hour later each time: recording times wait for the clock.
        const hours = [1, -1, 0][round % 3]! + Math.floor(round / 3);
        clock.step(hours);
        if (at === 0) await checkStepped(t, hub, hours);
        const since = performance.now();
        const { next } = collector;
        await collector.reached(next + 200);
        slowestMs = Math.max(slowestMs, performance.now() - since);
      }
    const refused = publisher.messages.filter(
      (message) => (message as { kind: string }).kind === "refused",
    );
    t.same(refused, [], "no publish ran out of time");
    await publisher.kill();
    const { head } = await hub.ask<{ head: number }>("head");
    await collector.reached(head);
    const { back, expired } = await checkEverything(t, bus, collector, head);
    t.comment(
      `${rounds * 2} steps of up to two hours, ${head} events: ${back} out of order, ` +
        `${expired} expired, ${refused.length} timed out; slowest 200 events ${Math.round(slowestMs)} ms`,
    );
    await bus.close();
    await hub.kill();
  },
);

/** The step has come to the hub, and its monotonic clock has not moved with it. */
async function checkStepped(t: Test, hub: Child, hours: number): Promise<void> {
  const ask = () => hub.ask<{ wall: number; monotonic: number }>("now");
  const before = await ask();
  await until(async () => {
    const { wall } = await ask();
    return Math.abs(wall - Date.now() - hours * hourMs) < hourMs / 2;
  });
  const { monotonic } = await ask();
  t.ok(monotonic - before.monotonic < hourMs / 2);
}

async function checkEverything(
  t: Test,
  bus: Bus,
  collector: Collector,
  head: number,
): Promise<{ back: number; expired: number }> {
  const wanted = Array.from({ length: head }, (_, offset) => offset);
  t.same(faultsIn(collector.offsets, wanted), noFaults);
  t.same(
    collector.events.map(({ msg }) => (msg as { n: number }).n),
    wanted,
    "in the order of publishing",
  );
  const { first: expired } = await bus.source.info();
  t.equal(expired, 0, "nothing has expired");
  let last = 0;
  let back = 0;
  for await (const { recordedAt } of bus.query()) {
    if (recordedAt < last) back++;
    last = recordedAt;
  }
  t.equal(back, 0, "no recording time goes back");
  return { back, expired };
}
