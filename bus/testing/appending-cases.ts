import type { ProducerRun } from "../block/producer-run.js";
import { answersMax } from "../log/event-log.js";
import { verify } from "../log/verify.js";
import { draftOf } from "./drafts.js";
import { codeOf, offsetsOf } from "./log-answers.js";
import { type Cases, fill } from "./log-case.js";

/** Appending, and what a log remembers of producers. */
export const appendingCases: Cases = {
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
