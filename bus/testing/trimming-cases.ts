import { verify } from "../log/verify.js";
import { draftOf } from "./drafts.js";
import { codeOf, detailsOf, readAll } from "./log-answers.js";
import { type Cases, fill } from "./log-case.js";

/** Retention of the whole log, and plans of it. */
export const trimmingCases: Cases = {
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
    const sooner = { ageMsMax: 8_000, now: clock.now - 1_000 };
    t.equal((await log.planTrim(sooner)).removed, 3);
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
};
