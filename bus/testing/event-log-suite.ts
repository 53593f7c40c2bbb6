import { isFedbusError } from "../../schemas/errors.js";
import type { Block } from "../block/block.js";
import type { ProducerRun } from "../block/producer-run.js";
import type { EventLog } from "../log/event-log.js";
import { answersMax } from "../log/event-log.js";
import type { FollowedPage, ReadOptions } from "../log/event-source.js";
import { verify } from "../log/verify.js";
import { draftOf } from "./drafts.js";

/** What the suite needs of a test runner; tap's `t` fits. */
export interface SuiteTest {
  test(name: string, run: (t: SuiteTest) => Promise<void>): unknown;
  equal(found: unknown, wanted: unknown): unknown;
  same(found: unknown, wanted: unknown): unknown;
  ok(value: unknown): unknown;
}

export interface EventLogSuiteOptions {
  /** Opens an empty log whose time is what `clock` says. The suite closes it. */
  readonly open: (clock: () => number) => Promise<EventLog>;
}

/** The clock that the suite's logs run by: it stands until a test moves it. */
class TestClock {
  now = 1_700_000_000_000;
  readonly read = (): number => this.now;
}

type Case = (t: SuiteTest, log: EventLog, clock: TestClock) => Promise<void>;

/**
 * What every `EventLog` must do, as tests. Durability is each backend's own to test.
 *
 * `eventLogSuite(t, { open: async (clock) => new MemoryLog({ clock }) })`
 */
export function eventLogSuite(t: SuiteTest, options: EventLogSuiteOptions): void {
  const cases = { ...appending, ...reading, ...following, ...tellingTime, ...trimming };
  for (const [name, run] of Object.entries(cases))
    t.test(`log: ${name}`, async (tt) => {
      const clock = new TestClock();
      await using log = await options.open(clock.read);
      await run(tt, log, clock);
    });
}

/** Appends ten blocks of three events: a.b, a.c and x, recorded 1000 ms apart. */
async function fill(log: EventLog, clock: TestClock, blocks = 10): Promise<void> {
  for (let index = 0; index < blocks; index++) {
    await log.append([
      draftOf([
        ["a.b", index],
        ["a.c", index],
        ["x", index],
      ]),
    ]);
    clock.now += 1_000;
  }
}

async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
    return "resolved";
  } catch (error) {
    return isFedbusError(error) ? error.code : error;
  }
}

async function detailsOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
    return "resolved";
  } catch (error) {
    return isFedbusError(error) ? error.details : error;
  }
}

function offsetsOf(blocks: readonly Block[]): number[] {
  return blocks.flatMap((block) =>
    Array.from({ length: block.count }, (_, index) => block.offsetOf(index)),
  );
}

/** All pages of a read, put together. */
async function readAll(log: EventLog, options: ReadOptions): Promise<number[]> {
  const offsets: number[] = [];
  let { from, to } = { from: options.from, to: options.to ?? log.head };
  for (;;) {
    const page = await log.read({ ...options, from, to });
    offsets.push(...offsetsOf(page.blocks));
    if (page.done) return offsets;
    if (options.order === "desc") to = page.next;
    else from = page.next;
  }
}

const appending: Record<string, Case> = {
  "offsets are dense from 0, and recording times never go back": async (t, log, clock) => {
    const [first, second] = await log.append([
      draftOf([["a", 1]]),
      draftOf([
        ["a", 2],
        ["b", 3],
      ]),
    ]);
    t.same([first?.firstOffset, second?.firstOffset, log.head], [0, 1, 3]);
    clock.now -= 5_000;
    const [third] = await log.append([draftOf([["a", 4]])]);
    t.equal(third?.firstOffset, 3);
    t.equal(third?.recordedAt, first?.recordedAt);
    t.same(await log.append([]), []);
    t.equal(log.head, 4);
  },
  "each block names the hash of the one before": async (t, log, clock) => {
    await fill(log, clock);
    const report = await verify(log);
    t.same(report.damaged, []);
    t.same([report.blocks, report.events, report.head], [10, 30, 30]);
  },
  "an event's bytes come back as they were sent": async (t, log) => {
    const odd = { text: 'é😀\u2028"\\', deep: [[[]]], zero: -0.5 };
    await log.append([draftOf([["a.b", odd]])]);
    const { blocks } = await log.read({ from: 0 });
    t.equal(blocks[0]?.bytesOf(0).toString(), JSON.stringify({ topic: "a.b", msg: odd }));
    t.same(blocks[0]?.parse(), [{ topic: "a.b", msg: odd }]);
  },
  "appends called at once take effect in call order": async (t, log) => {
    const appended = Array.from({ length: 20 }, (_, index) =>
      log.append([draftOf([["a", index]])]),
    );
    const blocks = (await Promise.all(appended)).flat();
    t.same(
      offsetsOf(blocks),
      Array.from({ length: 20 }, (_, index) => index),
    );
  },
  "a producer's progress and answers are remembered, the last ones": async (t, log) => {
    t.equal(await log.producer("p"), undefined);
    const refused = [{ index: 1, code: "SCHEMA_VIOLATION" as const, message: "no" }];
    const run: ProducerRun = { id: "p", epoch: 7, seq: 0, count: 3, at: 1, refused };
    await log.append([
      draftOf(
        [
          ["q", 0],
          ["a", 1],
          ["a", 2],
        ],
        [run],
      ),
    ]);
    t.same(await log.producer("p"), {
      id: "p",
      epoch: 7,
      nextSeq: 3,
      answers: [{ seq: 0, count: 3, firstOffset: 1, refused }],
    });
    for (let seq = 3; seq < 3 + answersMax; seq++)
      await log.append([draftOf([["a", seq]], [{ id: "p", epoch: 7, seq, count: 1, at: 0 }])]);
    const state = await log.producer("p");
    t.equal(state?.nextSeq, 3 + answersMax);
    t.equal(state?.answers.length, answersMax);
    t.same(state?.answers[0], { seq: 3, count: 1, firstOffset: 3, refused: [] });
  },
  "openProducer raises the epoch and keeps the progress": async (t, log) => {
    const first = await log.openProducer("p");
    const run = { id: "p", epoch: first.epoch, seq: first.nextSeq, count: 1, at: 0 };
    await log.append([draftOf([["a", 1]], [run])]);
    const second = await log.openProducer("p");
    t.ok(second.epoch > first.epoch);
    t.equal(second.nextSeq, 1);
    t.same(await log.producer("p"), second);
  },
  "after close everything rejects with CLOSED, and closing again does nothing": async (t, log) => {
    await log.append([draftOf([["a", 1]])]);
    await log.close();
    await log.close();
    t.equal(await codeOf(log.append([draftOf([["a", 1]])])), "CLOSED");
    t.equal(await codeOf(log.read({ from: 0 })), "CLOSED");
    t.equal(await codeOf(log.topics()), "CLOSED");
    t.equal(await codeOf(log.openProducer("p")), "CLOSED");
    t.equal(await codeOf(log.trim({ countMax: 1 })), "CLOSED");
  },
};

const reading: Record<string, Case> = {
  "a range is from inclusive, to exclusive, cut inside blocks": async (t, log, clock) => {
    await fill(log, clock);
    t.same(await readAll(log, { from: 4, to: 8 }), [4, 5, 6, 7]);
    t.same(await readAll(log, { from: 28 }), [28, 29]);
    t.same(await readAll(log, { from: 30 }), []);
    t.same(await readAll(log, { from: 5, to: 5 }), []);
    t.same(await readAll(log, { from: 25, to: 99 }), [25, 26, 27, 28, 29]);
  },
  "whole blocks come as they are stored": async (t, log, clock) => {
    await fill(log, clock);
    const { blocks } = await log.read({ from: 3, to: 9 });
    t.same(
      blocks.map(({ firstOffset, count, sparse }) => [firstOffset, count, sparse]),
      [
        [3, 3, false],
        [6, 3, false],
      ],
    );
  },
  "patterns select, by one topic, by many, and by none that exists": async (t, log, clock) => {
    await fill(log, clock);
    t.same(await readAll(log, { from: 0, to: 9, patterns: ["a.*"] }), [0, 1, 3, 4, 6, 7]);
    t.same(await readAll(log, { from: 1, to: 9, patterns: ["x"] }), [2, 5, 8]);
    t.same(await readAll(log, { from: 2, to: 8, patterns: ["a.b", "x"] }), [2, 3, 5, 6]);
    t.same(await readAll(log, { from: 0, patterns: ["nothing.#"] }), []);
    const page = await log.read({ from: 0, patterns: ["nothing"] });
    t.same([page.next, page.done], [30, true]);
  },
  "descending pages walk from the end, each block ascending": async (t, log, clock) => {
    await fill(log, clock);
    const page = await log.read({ from: 2, to: 10, order: "desc" });
    t.same(
      page.blocks.map((block) => offsetsOf([block])),
      [[9], [6, 7, 8], [3, 4, 5], [2]],
    );
    t.same([page.next, page.done], [2, true]);
    t.same(await readAll(log, { from: 3, to: 12, order: "desc", patterns: ["x"] }), [11, 8, 5]);
  },
  "a page ends at bytesMax but has one block at least": async (t, log, clock) => {
    await fill(log, clock);
    for (const order of ["asc", "desc"] as const) {
      const page = await log.read({ from: 0, order, bytesMax: 1 });
      t.equal(page.blocks.length, 1);
      t.same([page.done, page.next], [false, order === "asc" ? 3 : 27]);
      const all = await readAll(log, { from: 0, order, bytesMax: 500 });
      t.equal(new Set(all).size, 30);
    }
  },
  "offsets outside the log are refused": async (t, log, clock) => {
    await fill(log, clock, 1);
    t.equal(await codeOf(log.read({ from: 4 })), "OFFSET_INVALID");
    t.equal(await codeOf(log.read({ from: -1 })), "OFFSET_INVALID");
    t.equal(await codeOf(log.read({ from: 0.5 })), "OFFSET_INVALID");
    t.equal(await codeOf(log.read({ from: 0, patterns: ["a..b"] })), "PATTERN_INVALID");
  },
  "a reader who has seen another history is told": async (t, log, clock) => {
    await fill(log, clock);
    t.equal(await codeOf(log.read({ from: 5, epoch: log.epoch })), "resolved");
    t.equal(await codeOf(log.read({ from: 5, epoch: log.epoch - 1 })), "LOG_DIVERGED");
    t.equal(await codeOf(log.read({ from: 31, epoch: log.epoch })), "LOG_DIVERGED");
    t.equal(await codeOf(log.read({ from: 0, epoch: log.epoch - 1 })), "resolved");
  },
  "an aborted read rejects with the reason": async (t, log) => {
    const reason = new Error("enough");
    t.equal(await codeOf(log.read({ from: 0, signal: AbortSignal.abort(reason) })), reason);
  },
  "offsetAtTime finds the first offset recorded then or later": async (t, log, clock) => {
    const start = clock.now;
    t.equal(await log.offsetAtTime(start), 0);
    await fill(log, clock);
    t.equal(await log.offsetAtTime(0), 0);
    t.equal(await log.offsetAtTime(start), 0);
    t.equal(await log.offsetAtTime(start + 1), 3);
    t.equal(await log.offsetAtTime(start + 4_000), 12);
    t.equal(await log.offsetAtTime(start + 9_001), 30);
  },
  "topics are listed sorted, with counts, bytes and ends": async (t, log, clock) => {
    t.same(await log.topics(), []);
    await fill(log, clock);
    const bytes = 10 * Buffer.byteLength('{"topic":"a.b","msg":0}');
    t.same(await log.topics(["a.*"]), [
      { topic: "a.b", count: 10, bytes, firstOffset: 0, lastOffset: 27 },
      { topic: "a.c", count: 10, bytes, firstOffset: 1, lastOffset: 28 },
    ]);
    t.same(
      (await log.topics()).map(({ topic }) => topic),
      ["a.b", "a.c", "x"],
    );
  },
  "stats and info agree with what was appended": async (t, log, clock) => {
    const start = clock.now;
    await fill(log, clock);
    const stats = await log.stats();
    t.same([stats.blocks, stats.events, stats.topics], [10, 30, 3]);
    t.same([stats.firstRecordedAt, stats.lastRecordedAt], [start, start + 9_000]);
    const { logId, epoch, first, head } = await log.info();
    t.same([logId, epoch, first, head], [log.logId, log.epoch, 0, 30]);
  },
};

const following: Record<string, Case> = {
  "a follower gets history, then what is appended, and caughtUp once": async (t, log, clock) => {
    await fill(log, clock, 2);
    const pages = log.follow({ from: 1 })[Symbol.asyncIterator]();
    const first = await nextOf(pages);
    t.same([offsetsOf(first.blocks), first.next, first.caughtUp], [[1, 2, 3, 4, 5], 6, true]);
    const waiting = nextOf(pages);
    await fill(log, clock, 1);
    const second = await waiting;
    t.same([offsetsOf(second.blocks), second.caughtUp], [[6, 7, 8], false]);
    await pages.return?.();
  },
  "an empty log is caught up at once": async (t, log) => {
    const pages = log.follow({ from: 0 })[Symbol.asyncIterator]();
    const page = await nextOf(pages);
    t.same([page.blocks.length, page.next, page.caughtUp], [0, 0, true]);
    await pages.return?.();
  },
  "live starts at the head of the call, and patterns select": async (t, log, clock) => {
    await fill(log, clock, 1);
    const live = log.follow({ from: "live", patterns: ["x"] });
    await fill(log, clock, 1);
    const pages = live[Symbol.asyncIterator]();
    const page = await nextOf(pages);
    t.same(offsetsOf(page.blocks), [5]);
    await pages.return?.();
  },
  "small pages lag, and caughtUp comes again after the lag": async (t, log, clock) => {
    await fill(log, clock, 3);
    const caughtUp: boolean[] = [];
    let offset = 0;
    for await (const page of log.follow({ from: 0, bytesMax: 1 })) {
      t.equal(page.blocks[0]?.firstOffset ?? page.next, offset);
      offset = page.next;
      caughtUp.push(page.caughtUp);
      if (caughtUp.length === 3) await fill(log, clock, 2);
      if (caughtUp.length === 5) break;
    }
    t.same(caughtUp, [false, false, true, false, true]);
  },
  "an aborted follower ends quietly": async (t, log) => {
    const ending = new AbortController();
    const seen: FollowedPage[] = [];
    setTimeout(() => ending.abort(), 10);
    for await (const page of log.follow({ from: 0, signal: ending.signal })) seen.push(page);
    t.equal(seen.length, 1);
  },
  "close ends a follower with CLOSED": async (t, log) => {
    const pages = log.follow({ from: 0 })[Symbol.asyncIterator]();
    await nextOf(pages);
    const waiting = codeOf(nextOf(pages));
    await log.close();
    t.equal(await waiting, "CLOSED");
  },
  "a follower's wrong start is refused": async (t, log) => {
    t.equal(
      await codeOf(nextOf(log.follow({ from: 5 })[Symbol.asyncIterator]())),
      "OFFSET_INVALID",
    );
  },
  "many followers see every event once, in order, while it is appended": async (t, log, clock) => {
    const blocks = 60;
    const follow = async (patterns: string[]): Promise<number[]> => {
      const seen: number[] = [];
      for await (const page of log.follow({ from: 0, patterns, bytesMax: 700 })) {
        seen.push(...offsetsOf(page.blocks));
        if (page.next >= blocks * 3) return seen;
        if (seen.at(-1) === blocks * 3 - (patterns[0] === "x" ? 1 : 2)) return seen;
      }
      return seen;
    };
    const followers = [follow(["#"]), follow(["x"]), follow(["a.*"])];
    await fill(log, clock, blocks);
    const [all, x, a] = await Promise.all(followers);
    t.same(
      x,
      Array.from({ length: blocks }, (_, index) => index * 3 + 2),
    );
    t.equal(a?.length, blocks * 2);
    t.ok(all?.every((offset, index) => offset === index));
  },
};

const tellingTime: Record<string, Case> = {
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

const trimming: Record<string, Case> = {
  "producers of one life are forgotten with their last event": async (t, log) => {
    const ids = ["anonymous-1", "anonymous-2", "named"];
    for (const [index, id] of [...ids, "anonymous-2"].entries())
      await log.append([draftOf([["a", 1]], [{ id, epoch: 1, seq: index, count: 1, at: 0 }])]);
    await log.openProducer("anonymous-3");
    await log.trim({ before: 3 });
    const left = await Promise.all([...ids, "anonymous-3"].map((id) => log.producer(id)));
    t.same(
      left.map((state) => state?.id),
      [undefined, "anonymous-2", "named", "anonymous-3"],
    );
    t.equal(left[1]?.answers.length, 2);
  },
  "by offset, whole blocks go": async (t, log, clock) => {
    await fill(log, clock);
    t.same(await log.trim({ before: 7 }), { removed: 6, first: 6 });
    t.same(await detailsOf(log.read({ from: 5 })), { first: 6 });
    t.same(await readAll(log, { from: 6, to: 9 }), [6, 7, 8]);
    t.same((await log.topics(["a.b"]))[0], {
      topic: "a.b",
      count: 8,
      bytes: 8 * 23,
      firstOffset: 6,
      lastOffset: 27,
    });
    t.same((await verify(log)).damaged, []);
    t.same([(await log.stats()).blocks, (await log.stats()).events], [8, 24]);
  },
  "by age, count and bytes, and never more than is outside the limit": async (t, log, clock) => {
    await fill(log, clock);
    t.same(await log.trim({ ageMsMax: 8_000 }), { removed: 6, first: 6 });
    t.same(await log.trim({ countMax: 13 }), { removed: 9, first: 15 });
    const { bytes } = await log.stats();
    t.equal((await log.trim({ bytesMax: Math.floor((bytes * 3) / 5) })).first, 21);
    t.same(await log.trim({ countMax: 9 }), { removed: 0, first: 21 });
  },
  "without a limit, or with a wrong one, nothing is removed": async (t, log, clock) => {
    await fill(log, clock, 2);
    t.equal(await codeOf(log.trim({})), "OPTIONS_INVALID");
    t.equal(await codeOf(log.trim({ pattern: "x" })), "OPTIONS_INVALID");
    t.equal(await codeOf(log.trim({ countMax: -1 })), "OPTIONS_INVALID");
    t.equal(await codeOf(log.trim({ countMax: 1, pattern: "a..b" })), "PATTERN_INVALID");
    t.same([log.first, (await log.stats()).events], [0, 6]);
  },
  "everything can go, and offsets still go on": async (t, log, clock) => {
    await fill(log, clock, 2);
    t.same(await log.trim({ countMax: 0 }), { removed: 6, first: 6 });
    t.same(await log.topics(), []);
    await fill(log, clock, 1);
    t.same(await readAll(log, { from: 6 }), [6, 7, 8]);
    t.same((await verify(log)).damaged, []);
    t.equal(await codeOf(log.read({ from: 6, epoch: log.epoch })), "resolved");
  },
  "by pattern, only its events go, and the chain still holds": async (t, log, clock) => {
    await fill(log, clock);
    t.same(await log.trim({ pattern: "a.*", before: 13 }), { removed: 9, first: 0 });
    t.same(await readAll(log, { from: 0, to: 15 }), [2, 5, 8, 11, 13, 14]);
    t.same(
      (await log.topics()).map(({ topic, count }) => [topic, count]),
      [
        ["a.b", 5],
        ["a.c", 6],
        ["x", 10],
      ],
    );
    const report = await verify(log);
    t.same([report.damaged, report.trimmed, report.events], [[], 5, 21]);
    t.same(await readAll(log, { from: 13, to: 19, patterns: ["a.b"] }), [15, 18]);
    t.same(await readAll(log, { from: 0, to: 9, patterns: ["x"] }), [2, 5, 8]);
  },
  "by pattern, twice, with counts": async (t, log, clock) => {
    await fill(log, clock);
    t.same(await log.trim({ pattern: "x", countMax: 4 }), { removed: 6, first: 0 });
    t.same(await log.trim({ pattern: "x", countMax: 1 }), { removed: 3, first: 0 });
    t.same(await log.trim({ pattern: "a.b", ageMsMax: 1_000 }), { removed: 9, first: 0 });
    t.same(await readAll(log, { from: 27, patterns: ["x", "a.b"] }), [27, 29]);
    t.same((await verify(log)).damaged, []);
    t.equal((await log.stats()).events, 12);
  },
  "who wants only trimmed events from below the horizon is told": async (t, log, clock) => {
    await fill(log, clock);
    await log.trim({ pattern: "a.*", before: 12 });
    t.same(await detailsOf(log.read({ from: 0, patterns: ["a.b"] })), { first: 12 });
    t.same(await detailsOf(log.read({ from: 11, patterns: ["a.b", "a.c"] })), { first: 12 });
    t.equal(await codeOf(log.read({ from: 12, patterns: ["a.b"] })), "resolved");
    t.equal(await codeOf(log.read({ from: 0, patterns: ["a.b", "x"] })), "resolved");
  },
  "a plan says what the trim then does, and changes nothing": async (t, log, clock) => {
    await fill(log, clock, 20);
    for (const options of [
      { countMax: 60 },
      { before: 7 },
      { before: 8, pattern: "a.*" },
      { countMax: 15, pattern: "x" },
      { before: 20, pattern: "a.b" },
      { before: 2, pattern: "nothing" },
      { ageMsMax: 12_000 },
      { bytesMax: 900, pattern: "#" },
      { countMax: 0 },
    ]) {
      const before = await log.topics();
      const plan = await log.planTrim(options);
      t.same(await log.topics(), before);
      t.same(await log.trim(options), { removed: plan.removed, first: plan.first });
      const left = new Map((await log.topics()).map((topic) => [topic.topic, topic]));
      const lost = before
        .map(({ topic, count, bytes }) => ({
          topic,
          count: count - (left.get(topic)?.count ?? 0),
          bytes: bytes - (left.get(topic)?.bytes ?? 0),
        }))
        .filter(({ count }) => count > 0)
        .sort((a, b) => b.bytes - a.bytes || (a.topic < b.topic ? -1 : 1));
      t.same([plan.topics, plan.topicCount], [lost, lost.length]);
      t.equal(
        plan.bytes,
        lost.reduce((sum, { bytes }) => sum + bytes, 0),
      );
    }
    t.equal(await codeOf(log.planTrim({})), "OPTIONS_INVALID");
    t.equal(await codeOf(log.planTrim({ countMax: 1, pattern: "a..b" })), "PATTERN_INVALID");
  },
  "a follower overtaken by retention is told, never skipped past it": async (t, log, clock) => {
    await fill(log, clock);
    const plain = log.follow({ from: 0, bytesMax: 1 })[Symbol.asyncIterator]();
    const other = log.follow({ from: 0, bytesMax: 1, patterns: ["x"] })[Symbol.asyncIterator]();
    await nextOf(plain);
    await nextOf(other);
    await log.trim({ pattern: "a.b", before: 12 });
    t.same(await detailsOf(nextOf(plain)), { first: 3, pattern: "a.b", before: 12 });
    t.same(offsetsOf((await nextOf(other)).blocks), [5]);
    const again = log.follow({ from: 3, bytesMax: 1 })[Symbol.asyncIterator]();
    t.same(offsetsOf((await nextOf(again)).blocks), [4, 5]);
    await log.trim({ before: 20 });
    t.same(await detailsOf(nextOf(again)), { first: 18 });
    t.same(await detailsOf(nextOf(other)), { first: 18 });
  },
};

async function nextOf(pages: AsyncIterator<FollowedPage>): Promise<FollowedPage> {
  const step = await pages.next();
  if (step.done === true) throw new Error("the follower has ended");
  return step.value;
}
