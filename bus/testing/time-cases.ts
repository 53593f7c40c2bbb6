import { draftOf } from "./drafts.js";
import { nextOf, offsetsOf } from "./log-answers.js";
import { type Cases, fill } from "./log-case.js";

/** What a log and its followers tell of the time. */
export const tellingTimeCases: Cases = {
  "its time is the clock's, and no later event is recorded before it": async (t, log, clock) => {
    const start = clock.now;
    t.equal(log.time(), start);
    clock.now += 700;
    const { head, time } = await log.info();
    t.same([head, time], [0, start + 700]);
    clock.now -= 5_000;
    t.equal(log.time(), start + 700);
    const [block] = await log.append([draftOf([["a", 1]])]);
    t.equal(block?.recordedAt, start + 700);
    t.same([log.time(), (await log.info()).time], [start + 700, start + 700]);
    clock.now = start + 701;
    t.equal(log.time(), start + 701);
    await log.close();
    t.equal(log.time(), undefined);
  },
  "beacons tell the time at the head, whether anything is appended or not": async (
    t,
    log,
    clock,
  ) => {
    const start = clock.now;
    await fill(log, clock, 1);
    const options = { from: 0, patterns: ["x"], bytesMax: 1 };
    const pages = log.follow({ ...options, beacons: true })[Symbol.asyncIterator]();
    const plain = log.follow(options)[Symbol.asyncIterator]();
    const first = await nextOf(pages);
    t.same([offsetsOf(first.blocks), first.caughtUp, first.time], [[2], true, start + 1_000]);
    const { time: none, ...same } = await nextOf(plain);
    t.same([offsetsOf(same.blocks), same.caughtUp, none], [[2], true, undefined]);
    let plainSteps = 0;
    const step = nextOf(plain).finally(() => plainSteps++);
    for (const ahead of [1_007, 1_009]) {
      clock.now = start + ahead;
      t.same(await nextOf(pages), { blocks: [], next: 3, caughtUp: false, time: start + ahead });
    }
    t.equal(plainSteps, 0);
    await log.append([draftOf([["a.b", 1]])]);
    t.same(await nextOf(pages), { blocks: [], next: 4, caughtUp: false, time: start + 1_009 });
    t.same(await step, { blocks: [], next: 4, caughtUp: false });
    clock.now = start;
    t.equal((await nextOf(pages)).time, start + 1_009);
    const [block] = await log.append([draftOf([["x", 1]])]);
    t.equal(block?.recordedAt, start + 1_009);
    const last = await nextOf(pages);
    t.same([offsetsOf(last.blocks), last.time], [[4], start + 1_009]);
    await pages.return?.();
  },
  "a follower behind the head is told no time": async (t, log, clock) => {
    await fill(log, clock, 3);
    const times: unknown[] = [];
    for await (const page of log.follow({ from: 0, bytesMax: 1, beacons: true })) {
      times.push(page.time);
      if (page.caughtUp) break;
    }
    t.same(times, [undefined, undefined, clock.now]);
  },
  "an aborted follower with beacons ends quietly": async (t, log) => {
    const ending = new AbortController();
    let seen = 0;
    for await (const page of log.follow({ from: 0, beacons: true, signal: ending.signal })) {
      t.equal(page.next, 0);
      seen++;
      setTimeout(() => ending.abort(), 10);
    }
    t.equal(seen, 1);
  },
};
