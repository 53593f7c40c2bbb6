import t from "tap";
import {
  type AggregateSpec,
  aggregate,
  count,
  countWindow,
  distinct,
  first,
  histogram,
  hopping,
  last,
  max,
  mean,
  min,
  quantiles,
  session,
  sliding,
  stddev,
  sum,
  topK,
  tumbling,
  variance,
} from "../../../consumers/index.js";
import { recordedLog, runOver } from "../recorded.js";
import { arrivalsOf, recordedOf } from "./arrivals.js";

t.test("aggregate: without a key all events are one; output can be a function", async (t) => {
  const plugin = aggregate({
    name: "all",
    topics: ["in"],
    time: "msg.time",
    window: tumbling({ sizeMs: 10 }),
    accumulators: { n: count() },
    output: ({ window, n, key }) => [
      { topic: "out.a", msg: { at: window.end, n, key: key ?? null }, headers: { unit: "events" } },
      { topic: "out.b", msg: null },
    ],
  });
  const log = await recordedLog(recordedOf(arrivalsOf("a@1 b@2 c@13")), 100_000);
  const { outputs } = await runOver(log, plugin);
  t.match(outputs.slice(0, 2), [
    {
      topic: "out.a",
      msg: { at: 10, n: 2, key: null },
      headers: { unit: "events", cause: { consumer: "all", offset: 2, window: [0, 10] } },
    },
    { topic: "out.b", msg: null },
  ]);
  t.equal(outputs.length, 4);
});

t.test(
  "aggregate: events without a key are left out, those without a time are dead letters",
  async (t) => {
    const plugin = aggregate({
      name: "some",
      topics: ["in"],
      key: "msg.key",
      time: "msg.time",
      attemptsMax: 1,
      window: tumbling({ sizeMs: 10 }),
      accumulators: { n: count() },
      output: "out",
    });
    const bodies = [{ time: 3 }, { key: 7, time: 4.9 }, { key: "x" }, { key: "x", time: "4" }];
    const log = await recordedLog(
      bodies.map((msg, at) => ({ at: 1_000 + at, msg })),
      100_000,
    );
    const { outputs } = await runOver(log, plugin);
    t.match(
      outputs.filter(({ topic }) => topic === "out").map(({ msg }) => msg),
      [{ key: "7", n: 1 }],
    );
    const letters = outputs.filter(({ topic }) => topic === "consumers.some.dead-letter");
    t.match(
      letters.map(({ msg }) => msg),
      [{ event: { offset: 2 } }, { event: { offset: 3 } }],
    );
  },
);

t.test("aggregate: an event that `time` gives NaN for moves no watermark", async (t) => {
  const plugin = aggregate({
    name: "guarded",
    topics: ["in"],
    time: ({ msg, recordedAt }) => {
      const { at } = msg as { at: number };
      return at > recordedAt + 1_000 ? Number.NaN : at;
    },
    attemptsMax: 1,
    window: tumbling({ sizeMs: 10 }),
    accumulators: { n: count() },
    output: "out",
  });
  const bodies = [{ at: 1 }, { at: 5_000_000 }, { at: 2 }, { at: 12 }];
  const log = await recordedLog(
    bodies.map((msg, index) => ({ at: 1_000 + index, msg })),
    2_000,
  );
  const { outputs } = await runOver(log, plugin);
  t.match(
    outputs.map(({ topic, msg }) => [topic, msg]),
    [
      ["consumers.guarded.dead-letter", { event: { offset: 1 } }],
      ["out", { n: 2, timing: "on-time" }],
    ],
  );
});

t.test(
  "aggregate: a wrong field of an accumulator is told with the accumulator's name",
  async (t) => {
    const made: Readonly<Record<string, (field: string) => unknown>> = {
      ...{ count, distinct, first, last, max, mean, min, quantiles, stddev, sum, topK, variance },
      histogram: (field) => histogram(field, [1]),
    };
    for (const [name, accumulator] of Object.entries(made))
      t.throws(() => accumulator("price"), {
        code: "OPTIONS_INVALID",
        message: new RegExp(`^${name}: "price" is no path .*did you mean "msg.price"\\?$`),
      });
  },
);

t.test("aggregate: what cannot be is refused, all of it at once", (t) => {
  const good = {
    name: "x",
    topics: ["in"],
    window: tumbling({ sizeMs: 10 }),
    accumulators: { n: count() },
    output: "out",
  };
  const wrong: [object, RegExp][] = [
    [{ window: tumbling({ sizeMs: 0 }) }, /sizeMs/],
    [{ window: hopping({ sizeMs: 5, slideMs: 6 }) }, /slideMs must not be above/],
    [{ window: hopping({ sizeMs: 1001, slideMs: 1 }) }, /more than 1000 windows/],
    [{ window: session({ gapMs: 1.5 }) }, /gapMs/],
    [{ window: countWindow({ size: 2, slide: 3 }) }, /slide not above size/],
    [{ window: countWindow({ size: 10_001, slide: 1 }) }, /more than 10000 parts/],
    [{ window: { kind: "round" } }, /window must be/],
    [{ window: sliding({ sizeMs: 5 }), emit: { everyMs: 5 } }, /no early results/],
    [{ emit: { everyMs: 5, everyCount: 5 } }, /emit must be/],
    [{ watermark: "key" }, /needs a key/],
    [
      { watermark: "both", late: 5, idleMs: -1, lateness: 1 },
      /lateness .*idleMs .*watermark .*late /,
    ],
    [{ accumulators: { window: count() } }, /of its own/],
    [{ accumulators: { n: { create() {} } } }, /n lacks add, merge, result/],
    [{ output: undefined }, /output/],
    [{ time: "msg..at" }, /path/],
    [
      { key: "body.key" },
      /key is no field: "body.key" is no path .* did you mean "msg.body.key"\?/,
    ],
    [{ time: "at" }, /time is no field: .* did you mean "msg.at"\?/],
    [{ topic: ["a"] }, /topic is not an option: did you mean topics\?/],
    [
      { topics: ["x.#.y"] },
      /topics \[0\] is no topic pattern, for the pattern has "#" at 2, which is not allowed$/,
    ],
    [
      { window: tumbling({ size: 5 } as never) },
      /window: size is no option of tumbling windows, which take sizeMs, offsetMs$/,
    ],
    [
      { window: tumbling({ sizeMs: 0 }) },
      /window: sizeMs must be a whole number, 1 or more; offsetMs/,
    ],
  ];
  for (const [change, message] of wrong)
    t.throws(
      () => aggregate({ ...good, ...change } as AggregateSpec),
      { code: "OPTIONS_INVALID", message },
      String(message),
    );
  t.ok(aggregate({ ...good, window: hopping({ sizeMs: 1000, slideMs: 1 }) }), "at the limits");
  t.ok(aggregate({ ...good, window: countWindow({ size: 10_000, slide: 1 }) }), "at the limits");
  t.end();
});
