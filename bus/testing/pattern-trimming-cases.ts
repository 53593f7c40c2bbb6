import { verify } from "../log/verify.js";
import { codeOf, detailsOf, nextOf, offsetsOf, readAll } from "./log-answers.js";
import { type Cases, fill } from "./log-case.js";

/** Retention by topic pattern, and what readers are told of it. */
export const patternTrimmingCases: Cases = {
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
