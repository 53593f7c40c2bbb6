import fc from "fast-check";
import t from "tap";
import { join } from "../../../consumers/index.js";
import { patienceMs } from "../../bus/seed.js";
import { busOf, over } from "../over-log.js";
import { assertAsyncProperty, disturbances } from "../property.js";
import { given, keyOf, onTime, type Sample, samples, timeOf } from "./timeline.js";

t.setTimeout(patienceMs);

type Type = "inner" | "left" | "outer";
/** The event that ends the stream: it may be put out alone. */
const endAlone = "-1-null";

interface Pair {
  readonly l: number | null;
  readonly r: number | null;
}

/** Joins samples by key, and puts out the pairs of their ids. */
function joiner(type: Type, beforeMs: number, afterMs: number, outOfOrderMs: number) {
  const side = (name: string) => ({ topics: [`in.${name}`], key: keyOf });
  const common = {
    name: "joiner",
    left: side("l"),
    right: side("r"),
    within: { beforeMs, afterMs },
    watermark: { time: timeOf, outOfOrderMs },
    lateTopic: "out.late",
  };
  const output = (l: unknown, r: unknown) => ({ topic: "out.pair", msg: pairOf(l, r) });
  return type === "inner" ? join({ ...common, output }) : join({ ...common, type, output });
}

function pairOf(l: unknown, r: unknown): Pair {
  return { l: (l as Sample | undefined)?.id ?? null, r: (r as Sample | undefined)?.id ?? null };
}

async function pairsOf(events: Sample[], type: Type, before: number, after: number, disorder = 0) {
  await using bus = await busOf(given(events));
  const { outputs } = await over(bus, joiner(type, before, after, disorder));
  const of = (topic: string) => outputs.filter((event) => event.topic === topic);
  return {
    pairs: of("out.pair")
      .map(({ msg }) => `${(msg as Pair).l}-${(msg as Pair).r}`)
      .filter((pair) => pair !== endAlone),
    late: of("out.late").map(({ msg }) => (msg as { msg: Sample }).msg.id),
  };
}

const l = (id: number, t: number, key = "k"): Sample => ({ id, side: "l", key, t });
const r = (id: number, t: number, key = "k"): Sample => ({ id, side: "r", key, t });

t.test("interval join: both ends of the interval belong to it", async (t) => {
  // time   0    5   10   15   20
  // left             1              from 10 - 5 to 10 + 3
  // right    2  3        4 5        at 4, 5, 13, 14
  const events = [r(2, 4), r(3, 5), l(1, 10), r(4, 13), r(5, 14)];
  const { pairs } = await pairsOf(events, "inner", 5, 3);
  t.same(pairs, ["1-3", "1-4"]);
});

t.test("interval join: matches of one event come in order of time", async (t) => {
  // time   0    5   10
  // right  3 1 2                    come as 1 (at 2), 2 (at 4), 3 (at 0)
  // left         9                  at 6
  const { pairs } = await pairsOf([r(1, 2), r(2, 4), r(3, 0), l(9, 6)], "inner", 10, 0, 5);
  t.same(pairs, ["9-3", "9-1", "9-2"]);
});

t.test("interval join: rows alone come when nothing can join them any more", async (t) => {
  // time   0    5   10   15   20
  // left   1                        alone once the watermark is past 0 + 5
  // right            2        3     2 joins 4; 3 is the right's: alone in an outer join only
  // left                4
  const events = [l(1, 0), r(2, 10), l(4, 13), r(3, 20)];
  t.same((await pairsOf(events, "left", 5, 5)).pairs, ["1-null", "4-2"]);
  t.same((await pairsOf(events, "outer", 5, 5)).pairs, ["1-null", "4-2", "null-3"]);
});

t.test("interval join: the right one may have to be strictly later, or earlier", async (t) => {
  // time   0    5   10   15
  // left   1                        right from 0 + 5 to 0 + 10
  // right  2 3  4      5            at 0, 3, 5, 11
  const events = [l(1, 0), r(2, 0), r(3, 3), r(4, 5), r(5, 11)];
  t.same((await pairsOf(events, "outer", -5, 10)).pairs, ["null-2", "null-3", "1-4", "null-5"]);
});

t.test("interval join: what comes behind the watermark goes to the late topic", async (t) => {
  // time   0    5   10
  // left   2        1               2 comes after 1, more than 4 late
  // right     3                     at 6: in time
  const { pairs, late } = await pairsOf([l(1, 10), l(2, 0), r(3, 6)], "outer", 20, 20, 4);
  t.same(late, [2]);
  t.same(pairs, ["1-3"]);
});

t.test("interval join: an event without a key joins with nothing", async (t) => {
  const keyless = (id: number, side: "l" | "r") =>
    ({ id, side, t: 5 }) as Pick<Sample, "id" | "side" | "t"> as Sample;
  const events = [keyless(1, "l"), keyless(2, "r")];
  t.same((await pairsOf(events, "outer", 5, 5)).pairs, ["1-null", "null-2"]);
  t.same((await pairsOf(events, "inner", 5, 5)).pairs, []);
});

t.test("interval join: a stream joins with itself", async (t) => {
  const one = { topics: ["in.l"], key: keyOf };
  const self = join<Sample, Sample>({
    name: "self",
    left: one,
    right: one,
    within: { beforeMs: 1, afterMs: 0 },
    watermark: { time: timeOf },
    output: (l, r) => ({ topic: "out.pair", msg: pairOf(l, r) }),
  });
  await using bus = await busOf([l(1, 0), l(2, 1), l(3, 3)].map((msg) => ({ topic: "in.l", msg })));
  const { outputs } = await over(bus, self);
  t.same(
    outputs.map(({ msg }) => msg),
    [
      { l: 1, r: 1 },
      { l: 2, r: 1 },
      { l: 2, r: 2 },
      { l: 3, r: 3 },
    ],
  );
});

t.test("interval join: a key may have so many rows and no more", async (t) => {
  const events = [l(1, 0), l(2, 0), l(3, 0)].map((msg) => ({ topic: "in.l", msg }));
  const side = (name: string) => ({ topics: [`in.${name}`], key: keyOf });
  const bounded = join({
    name: "bounded",
    left: side("l"),
    right: side("r"),
    within: { beforeMs: 10, afterMs: 10 },
    watermark: { time: timeOf },
    rowsMax: 2,
    attemptsMax: 1,
    output: () => undefined,
  });
  await using bus = await busOf(events);
  const { outputs } = await over(bus, bounded);
  t.match(outputs[0]?.msg, { error: { code: "STATE_LIMIT" }, event: { offset: 2 } });
  t.equal(outputs.length, 1);
});

/** What the join must put out, from its definition. */
function model(events: Sample[], type: Type, before: number, after: number, disorder: number) {
  const kept = onTime(events, disorder);
  const lefts = kept.filter(({ side }) => side === "l");
  const rights = kept.filter(({ side }) => side === "r");
  const joins = (l: Sample, r: Sample) =>
    l.key === r.key && r.t >= l.t - before && r.t <= l.t + after;
  const pairs = lefts.flatMap((l) =>
    rights.filter((r) => joins(l, r)).map((r) => `${l.id}-${r.id}`),
  );
  const aloneL = lefts.filter((l) => !rights.some((r) => joins(l, r)));
  const aloneR = rights.filter((r) => !lefts.some((l) => joins(l, r)));
  if (type !== "inner") pairs.push(...aloneL.map(({ id }) => `${id}-null`));
  if (type === "outer") pairs.push(...aloneR.map(({ id }) => `null-${id}`));
  return pairs.sort();
}

const settings = fc.record({
  type: fc.constantFrom<Type>("inner", "left", "outer"),
  before: fc.integer({ min: -5, max: 30 }),
  length: fc.integer({ min: 0, max: 30 }),
  disorder: fc.integer({ min: 0, max: 40 }),
});

t.test("interval join: joins what its definition says, whatever the order", async () => {
  const property = fc.asyncProperty(samples, settings, async (events, setting) => {
    const { type, before, length, disorder } = setting;
    const { pairs } = await pairsOf(events, type, before, length - before, disorder);
    const expected = model(events, type, before, length - before, disorder);
    if (JSON.stringify(pairs.sort()) !== JSON.stringify(expected))
      throw new Error(`${pairs}\nand not\n${expected}`);
  });
  await assertAsyncProperty(property, 50);
});

t.test("interval join: crashes and sizes of commits change no byte", async () => {
  const property = fc.asyncProperty(
    samples,
    settings,
    disturbances,
    async (events, setting, how) => {
      const { type, before, length, disorder } = setting;
      const consumer = joiner(type, before, length - before, disorder);
      await using bus = await busOf(given(events));
      const plain = await over(bus, consumer);
      const { commitEventsMax, crashAt } = how;
      const disturbed = await over(bus, consumer, { limits: { commitEventsMax }, crashAt });
      if (plain.bytes !== disturbed.bytes || plain.sha256 !== disturbed.sha256)
        throw new Error(`${plain.bytes}\nand not\n${disturbed.bytes}`);
    },
  );
  await assertAsyncProperty(property, 30);
});

t.test("interval join: two processes put out what one does, byte for byte", async () => {
  const property = fc.asyncProperty(samples, settings, async (events, setting) => {
    const { type, before, length, disorder } = setting;
    const consumer = joiner(type, before, length - before, disorder);
    await using bus = await busOf(given(events));
    const linesOf = async (index: number, count: number) => {
      const { bytes } = await over(bus, consumer, { runner: { partition: { index, count } } });
      return bytes.split("\n").filter((line) => line !== "");
    };
    const alone = (await linesOf(0, 1)).sort().join("\n");
    const both = [...(await linesOf(0, 2)), ...(await linesOf(1, 2))].sort().join("\n");
    if (alone !== both) throw new Error(`${both}\nand not\n${alone}`);
  });
  await assertAsyncProperty(property, 30);
});

t.test("interval join: nothing is kept once the watermark has passed it", async () => {
  const property = fc.asyncProperty(samples, settings, async (events, setting) => {
    const { type, before, length, disorder } = setting;
    await using bus = await busOf(given(events));
    const { entries, timers } = await over(bus, joiner(type, before, length - before, disorder));
    // The event that ends the stream is itself kept: its row, and its timers.
    if (entries > 1 || timers > 2) throw new Error(`${entries} entries, ${timers} timers`);
  });
  await assertAsyncProperty(property, 30);
});
