import { codeOf, offsetsOf, readAll } from "./log-answers.js";
import { type Cases, fill } from "./log-case.js";

/** Reading pages, and what a log tells of itself. */
export const readingCases: Cases = {
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
