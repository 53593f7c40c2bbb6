import { join } from "node:path";
import t, { type Test } from "tap";
import { silentLogger } from "../../../bus/index.js";
import { StateStore } from "../../../consumers/index.js";
import type { DueTimer } from "../../../consumers/runner/alarm-clock.js";
import { type Fault, faultOfTimer, PluginFailure } from "../../../consumers/runner/failure.js";
import { Failures } from "../../../consumers/runner/failures.js";
import { InFlight } from "../../../consumers/runner/in-flight.js";

/** Lives of one process after the other, over the same store and file. */
async function lives(t: Test, dir = t.testdir()) {
  const store = await StateStore.open(join(dir, "store"));
  t.teardown(() => store.close());
  const begin = async (): Promise<Failures> => {
    const failures = new Failures({
      by: { consumer: "c", version: "1" },
      attemptsMax: 3,
      onFailure: "dead-letter",
      commitEventsMax: 4,
      inFlight: new InFlight(join(dir, "0.in-flight")),
      diedOf: undefined,
      logger: silentLogger,
    });
    await failures.begin(store);
    return failures;
  };
  return { store, begin };
}

const event = (offset: number): Fault => ({ place: `event ${offset}`, until: offset });
const timer = (key: string): DueTimer => ({ clock: "log", at: 5, group: 1, key, firesAt: 5 });

t.test(
  "in flight: what processes die of is found, whatever a timer's key looks like",
  async (t) => {
    const long = "k".repeat(300);
    const root = t.testdir();
    const keys = ["", " ", "two\nlines ", "\ufeff", `${long}a`, "\u{1F600}".repeat(200)];
    for (const [index, key] of keys.entries()) {
      const { begin } = await lives(t, join(root, `${index}`));
      const fault = faultOfTimer(timer(key), 7);
      await begin();
      for (let death = 0; death < 3; death++) (await begin()).enter(fault);
      const last = await begin();
      t.ok(last.isLost(fault.place), JSON.stringify(key.slice(0, 10)));
      t.notOk(last.isSuspect(faultOfTimer(timer(`${long}b`), 7).place), "and not another one");
    }
  },
);

t.test("in flight: an attempt that failed before the process died counts once", async (t) => {
  const { store, begin } = await lives(t);
  await begin();
  const failures = await begin();
  for (const attempts of [1, 2]) {
    failures.enter(event(7));
    t.equal(await failures.failed(new PluginFailure(event(7), new Error("x")), store), attempts);
  }
  t.notOk((await begin()).isLost("event 7"), "died while it waited for the third attempt");
  const third = await begin();
  third.enter(event(7));
  t.ok((await begin()).isLost("event 7"), "died of the third attempt");
});

t.test("in flight: deaths between two events are nobody's", async (t) => {
  const { begin } = await lives(t);
  for (let death = 0; death < 9; death++) {
    const failures = await begin();
    failures.enter(event(death % 2));
    failures.leave();
    t.notOk(failures.isSuspect("event 0") || failures.isSuspect("event 1"));
  }
});

t.test(
  "in flight: it is noted until a commit is on disk behind as many as one can hold",
  async (t) => {
    const { begin } = await lives(t);
    await begin();
    const failures = await begin();
    for (let offset = 0; offset < 9; offset++) {
      failures.enter(event(offset));
      failures.leave();
    }
    t.ok(failures.isWatching, "no commit yet: what comes next may be lost again");
    failures.committed(3);
    t.notOk(failures.isWatching);
  },
);

t.test("in flight: a place is forgotten once it is committed, and not before", async (t) => {
  const { store, begin } = await lives(t);
  const failures = await begin();
  await failures.failed(new PluginFailure(event(7), new Error("x")), store);
  t.same(failures.meta(6), {});
  failures.committed(6);
  t.same(failures.meta(7), { attempts: null });
  t.ok(failures.isSuspect("event 7"), "that commit may fail, and it is the second attempt then");
  t.equal(await failures.failed(new PluginFailure(event(7), new Error("x")), store), 2);
  failures.committed(7);
  t.notOk(failures.isWatching);
  failures.end();
});
