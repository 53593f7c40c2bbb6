import t from "tap";
import {
  type AggregateSpec,
  aggregate,
  countWindow,
  hopping,
  session,
  sliding,
  tumbling,
  type Window,
  type WindowResult,
} from "../../../consumers/index.js";
import { recordedLog, runOver } from "../recorded.js";
import { arrivalsOf, ids, nameOf, recordedOf } from "./arrivals.js";

type Extra = Partial<AggregateSpec>;

/** What an aggregate publishes for some events: a line each, with the numbers of the window's events. */
async function lines(window: Window, events: string, extra: Extra = {}, quietMs = 100_000) {
  const plugin = aggregate({
    name: "windows",
    topics: ["in"],
    key: "msg.key",
    time: "msg.time",
    window,
    accumulators: { ids },
    output: "out",
    ...extra,
  });
  const arrivals = arrivalsOf(events);
  const endAt = arrivals.at(-1)!.at + quietMs;
  const { outputs } = await runOver(await recordedLog(recordedOf(arrivals), endAt), plugin);
  return outputs.map(({ topic, msg }) => {
    if (topic.endsWith("late")) {
      const { key, windows, event } = msg as LateBody;
      return `late ${event.offset}: ${windows.map((missed) => nameOf(key, missed)).join(" ")}`;
    }
    const { key = "", window: of, timing, revision, replaces, ids: numbers } = msg as WindowResult;
    const old = replaces === undefined ? "" : `, for ${replaces.map((one) => nameOf(key, one))}`;
    return `${nameOf(key, of)} ${(numbers as number[]).join(",")} ${timing} ${revision}${old}`;
  });
}

interface LateBody {
  readonly key: string;
  readonly windows: readonly { start: number; end: number }[];
  readonly event: { readonly offset: number };
}

//   time  0         10        20
//   a     0       1 2
//   b         3
//         [---------)[--------)
t.test("tumbling: a window has its start and lacks its end", async (t) => {
  t.same(await lines(tumbling({ sizeMs: 10 }), "a@0 a@9 a@10 b@4", { outOfOrderMs: 10 }), [
    "a [0, 10) 0,1 on-time 0",
    "b [0, 10) 3 on-time 0",
    "a [10, 20) 2 on-time 0",
  ]);
});

//   time -10        0         10
//   a      0       1 2
//        [---------)[--------)
t.test("tumbling: times before 1970 fall into windows like all others", async (t) => {
  t.same(await lines(tumbling({ sizeMs: 10 }), "a@-9 a@-1 a@0"), [
    "a [-10, 0) 0,1 on-time 0",
    "a [0, 10) 2 on-time 0",
  ]);
});

//   time  0    5    10   15   20   25
//   a       0     1          2
//        -5)---)
//         [---------)
//              [---------)
//                   [---------)
//                        [---------)
t.test("hopping: an event is in size / slide windows; none is published empty", async (t) => {
  t.same(await lines(hopping({ sizeMs: 10, slideMs: 5 }), "a@2 a@7 a@17"), [
    "a [-5, 5) 0 on-time 0",
    "a [0, 10) 0,1 on-time 0",
    "a [5, 15) 1 on-time 0",
    "a [10, 20) 2 on-time 0",
    "a [15, 25) 2 on-time 0",
  ]);
});

//   time  0    5    10   15
//   a     0    1   2 34
//    (----]
//         (----]              each: the 5 ms that end with the event
//             (----]
//               (----]
t.test("sliding: a window for each time with events, of what came just before", async (t) => {
  t.same(await lines(sliding({ sizeMs: 5 }), "a@0 a@5 a@9 a@11 a@11"), [
    "a [-4, 1) 0 on-time 0",
    "a [1, 6) 1 on-time 0",
    "a [5, 10) 1,2 on-time 0",
    "a [7, 12) 2,3,4 on-time 0",
  ]);
});

//   time  0    5    10   15   20
//   a     0  1    2  3
//         [------)[------)        gap 5: 2 - 1 is 5, so they part; 3 - 2 is 3, so they do not
t.test("session: events exactly the gap apart are in two sessions", async (t) => {
  t.same(await lines(session({ gapMs: 5 }), "a@0 a@3 a@8 a@11"), [
    "a [0, 8) 0,1 on-time 0",
    "a [8, 16) 2,3 on-time 0",
  ]);
});

//   time  0    5    10   15
//   a     0       1               two sessions, until 2 comes between them
//             2
//         [-----------)
t.test("session: an event between two sessions joins them", async (t) => {
  t.same(await lines(session({ gapMs: 5 }), "a@0 a@8 a@4", { outOfOrderMs: 20 }), [
    "a [0, 13) 0,1,2 on-time 0",
  ]);
});

//   time  0    5    10   15   20   25
//   a     0  1  2  3  4  5  6
//         [--------)[--------)[-------)   cut at 10 and 20
t.test("session: with sizeMsMax it is cut at whole multiples of it", async (t) => {
  const window = session({ gapMs: 5, sizeMsMax: 10 });
  t.same(await lines(window, "a@0 a@3 a@6 a@9 a@12 a@15 a@18"), [
    "a [0, 10) 0,1,2,3 on-time 0",
    "a [12, 20) 4,5,6 on-time 0",
  ]);
});

//   a     0 1 2 3 4 5 6        in the order of the log, whatever their times
//        [------)
//            [------)
t.test("count: full windows only, in the order of the log", async (t) => {
  const events = "a@9 a@1 a@5 b@7 a@3 a@4 a@8 a@2";
  t.same(await lines(countWindow({ size: 4, slide: 2 }), events), [
    "a [1, 10) 0,1,2,4 on-time 0",
    "a [3, 9) 2,4,5,6 on-time 0",
  ]);
  t.same(await lines(countWindow({ size: 3 }), events), [
    "a [1, 10) 0,1,2 on-time 0",
    "a [3, 9) 4,5,6 on-time 0",
  ]);
});

//   time   0    5    10   15   20   25
//   a      0            1           3
//   a (late)  2                              2 comes when the watermark is at 13 - 3 = 10
//          [---------)[--------)[--------)
t.test("lateness: what comes after the close goes to the late topic with its window", async (t) => {
  t.same(await lines(tumbling({ sizeMs: 10 }), "a@0 a@13 a@3 a@24", { outOfOrderMs: 3 }), [
    "a [0, 10) 0 on-time 0",
    "late 2: a [0, 10)",
    "a [10, 20) 1 on-time 0",
    "a [20, 30) 3 on-time 0",
  ]);
});

//   time   0    5    10   15   20   25   30
//   a      0          1         (4)
//   a (late)  2 3                  5         allowed 10: until the watermark is at 20
//          [---------)[--------)[--------)
t.test("lateness: while it is allowed, a window is published anew, and counts", async (t) => {
  const options = { allowedLatenessMs: 10 };
  t.same(await lines(tumbling({ sizeMs: 10 }), "a@0 a@10 a@3 a@5 a@20 a@6", options), [
    "a [0, 10) 0 on-time 0",
    "a [0, 10) 0,2 late 1",
    "a [0, 10) 0,2,3 late 2",
    "a [10, 20) 1 on-time 0",
    "late 5: a [0, 10)",
    "a [20, 30) 4 on-time 0",
  ]);
});

//   time   0    5    10   15   20
//   a      0             1
//   a (late)     2                      in [0, 10), which is closed, and in [5, 15), which is not
t.test("lateness: an event can be too late for one window and in time for the next", async (t) => {
  t.same(await lines(hopping({ sizeMs: 10, slideMs: 5 }), "a@0 a@13 a@7"), [
    "a [-5, 5) 0 on-time 0",
    "a [0, 10) 0 on-time 0",
    "late 2: a [0, 10)",
    "a [5, 15) 1,2 on-time 0",
    "a [10, 20) 1 on-time 0",
  ]);
});

//   time   0    5    10   15   20
//   a      0         1           3
//   a (late)    2                        joins [0, 6) and [10, 16), which is still open
t.test("lateness: a session that takes in published ones says so", async (t) => {
  const window = session({ gapMs: 6 });
  t.same(await lines(window, "a@0 a@10 a@5 a@40", { allowedLatenessMs: 20 }), [
    "a [0, 6) 0 on-time 0",
    "a [0, 16) 0,1,2 on-time 1, for a [0, 6)",
    "a [40, 46) 3 on-time 0",
  ]);
});

//   log    1000   1001                     1061           (idle after 50)
//   a      0      1
//   event  100    112 ............ 112 + 50 = 162 ... 172
t.test("quiet: windows close when the log has gone on without events", async (t) => {
  const options = { idleMs: 50 };
  const window = tumbling({ sizeMs: 60, offsetMs: 40 });
  t.same(await lines(window, "a@100 a@112", options, 49), [], "after 49 ms it has not");
  t.same(await lines(window, "a@100 a@112", options, 51), ["a [100, 160) 0,1 on-time 0"]);
});

//   log  1000   1001     1052      a has been quiet for 50 ms, b has not
t.test("quiet: with a watermark by key, a quiet key goes on and the others wait", async (t) => {
  const events = "a@100 b@100 +25 b@103 +25 b@105";
  const options: Extra = { idleMs: 50, watermark: "key" };
  t.same(await lines(tumbling({ sizeMs: 20 }), events, options, 20), ["a [100, 120) 0 on-time 0"]);
  const byStream: Extra = { idleMs: 50 };
  t.same(await lines(tumbling({ sizeMs: 20 }), events, byStream, 20), []);
});

//   a is an hour ahead of b: by stream b is late, by key it is not
t.test("watermark by key: a key that is ahead does not make the others late", async (t) => {
  const events = "a@3600000 b@5 b@11";
  t.same(
    (await lines(tumbling({ sizeMs: 10 }), events)).filter((line) => line.includes("b")),
    ["late 1: b [0, 10)", "late 2: b [10, 20)"],
  );
  t.same(
    (await lines(tumbling({ sizeMs: 10 }), events, { watermark: "key" })).filter((line) =>
      line.startsWith("b"),
    ),
    ["b [0, 10) 1 on-time 0", "b [10, 20) 2 on-time 0"],
  );
});

//   log  1000 1001 1002      1010      1020
//   a    0    1    2         early     early, if something came
t.test("early: by the log's time, and only where events came", async (t) => {
  const options: Extra = { emit: { everyMs: 10 } };
  t.same(await lines(tumbling({ sizeMs: 100 }), "a@1 a@2 +20 a@3 +30 b@250", options), [
    "a [0, 100) 0,1 early 0",
    "a [0, 100) 0,1,2 early 1",
    "a [0, 100) 0,1,2 on-time 2",
    "b [200, 300) 3 early 0",
    "b [200, 300) 3 on-time 1",
  ]);
});

t.test("early: after so many events of a key", async (t) => {
  const options: Extra = { emit: { everyCount: 2 } };
  const events = "a@1 b@1 a@2 a@3 a@4";
  t.same(await lines(tumbling({ sizeMs: 100 }), events, options), [
    "a [0, 100) 0,2 early 0",
    "a [0, 100) 0,2,3,4 early 1",
    "a [0, 100) 0,2,3,4 on-time 2",
    "b [0, 100) 1 on-time 0",
  ]);
  t.same(await lines(session({ gapMs: 10 }), events, options), [
    "a [1, 12) 0,2 early 0",
    "a [1, 14) 0,2,3,4 early 1, for a [1, 12)",
    "b [1, 11) 1 on-time 0",
    "a [1, 14) 0,2,3,4 on-time 2",
  ]);
});
