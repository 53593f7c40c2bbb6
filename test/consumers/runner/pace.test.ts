import { setInterval } from "node:timers";
import t from "tap";
import { consumer } from "../../../consumers/index.js";
import { recordedLog, runOver } from "../recorded.js";
import { memoryBus, start } from "../running.js";

/** Keeps the thread for itself. */
function spin(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; );
}

t.test(
  "pace: while one large page is handled, the rest of the process has its turns",
  async (t) => {
    const log = await recordedLog(
      Array.from({ length: 2_000 }, (_, msg) => ({ at: 10, msg })),
      20,
    );
    let turns = 0;
    const beating = setInterval(() => turns++, 5);
    t.teardown(() => clearInterval(beating));
    let turnsWhile = 0;
    const busy = consumer({
      name: "busy",
      topics: ["#"],
      handle: (event) => {
        spin(0.2);
        if (event.msg === 0) turns = 0;
        turnsWhile = turns;
      },
    });
    await runOver(log, busy);
    t.ok(turnsWhile >= 3, `${turnsWhile} turns`);
  },
);

t.test("pace: so it is while many timers fire, and they are committed in portions", async (t) => {
  const log = await recordedLog([{ at: 10, msg: 0 }], 100_000);
  let committed = 0;
  const commits: number[] = [];
  const timed = consumer({
    name: "timed",
    topics: ["#"],
    handle: (_, { timers }) => {
      for (let at = 11; at < 5_011; at++) timers.set("log", at, "t");
    },
    timer: ({ at }, { state }) => {
      state.put(`${at}`, at);
      commits.push(committed);
    },
  });
  const hook = (step: string): void => {
    if (step === "committed") committed++;
  };
  await runOver(log, timed, { limits: { commitEventsMax: 500 }, hook });
  t.equal(commits.length, 5_000);
  t.ok(commits.at(-1)! >= 5, `${commits.at(-1)} commits while they fired`);
});

t.test("pace: a run that is to end does so within a page, and goes on from there", async (t) => {
  const bus = await memoryBus(t);
  await using publisher = bus.publisher();
  await publisher.publishMany(Array.from({ length: 500 }, (_, msg) => ({ topic: "in.x", msg })));
  const seen: unknown[] = [];
  let reached: () => void = () => {};
  const tenth = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const slow = consumer({
    name: "slow",
    topics: ["in.#"],
    handle: async (event) => {
      seen.push(event.msg);
      if (event.msg === 10) reached();
      await new Promise((resolve) => setTimeout(resolve, 2));
    },
  });
  const dir = t.testdir();
  const first = start(bus, slow, { dir });
  await tenth;
  await first.stop();
  t.ok(seen.length < 250, `${seen.length} of 500 events`);
  const second = start(bus, slow, { dir });
  await second.caughtUp();
  await second.stop();
  t.same(
    seen,
    Array.from({ length: 500 }, (_, msg) => msg),
  );
});

t.test("pace: slow events are committed now and then, though more are waiting", async (t) => {
  const log = await recordedLog(
    Array.from({ length: 300 }, (_, msg) => ({ at: 10, msg })),
    20,
  );
  let committed = 0;
  let committedAtLast = 0;
  const slow = consumer({
    name: "slow",
    topics: ["#"],
    handle: () => {
      spin(1);
      committedAtLast = committed;
    },
  });
  const hook = (step: string): void => {
    if (step === "committed") committed++;
  };
  await runOver(log, slow, { limits: { commitIntervalMs: 20 }, hook });
  t.ok(committedAtLast >= 2, `${committedAtLast} commits before the last event`);
});
