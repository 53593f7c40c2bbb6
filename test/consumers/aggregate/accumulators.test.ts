import fc from "fast-check";
import t from "tap";
import type { BusEvent } from "../../../bus/index.js";
import { eventsOf } from "../../../bus/index.js";
import {
  type Accumulator,
  count,
  distinct,
  first,
  type HistogramBin,
  histogram,
  last,
  max,
  mean,
  min,
  quantiles,
  stddev,
  sum,
  type TopValue,
  topK,
  variance,
} from "../../../consumers/index.js";
import { propertySeed } from "../../schemas/property.js";
import { recordedLog } from "../recorded.js";

t.comment(`FEDBUS_SEED=${propertySeed}`);
const check = <Ts>(property: fc.IAsyncProperty<Ts>, numRuns = 60) =>
  fc.assert(property, { seed: propertySeed, numRuns });

/** Real events with these values, and their times. */
async function eventsWith(values: readonly unknown[]): Promise<BusEvent[]> {
  const log = await recordedLog(
    values.map((v, index) => ({ at: 1_000 + index, msg: v === undefined ? {} : { v } })),
    100_000,
  );
  const events: BusEvent[] = [];
  for (let from = 0; from < values.length; ) {
    const { blocks, next } = await log.read({ from });
    for (const block of blocks) events.push(...eventsOf(block));
    from = next;
  }
  return events;
}

/** The events gathered at once, and gathered in parts, each stored in between, that are then merged. */
function bothWays<State, Result>(
  accumulator: Accumulator<State, Result>,
  events: readonly BusEvent[],
  cuts: readonly number[] = [],
): [whole: Result, merged: Result] {
  const gather = (some: readonly BusEvent[]): State => {
    let state = accumulator.create();
    for (const event of some) {
      state = accumulator.add(state, event, event.recordedAt);
      state = JSON.parse(JSON.stringify(state)) as State;
    }
    return state;
  };
  const bounds = [0, ...cuts.map((cut) => cut % (events.length + 1)).sort((a, b) => a - b)];
  const parts = bounds.map((from, index) => gather(events.slice(from, bounds[index + 1])));
  const before = JSON.stringify(parts);
  let merged = accumulator.create();
  for (const part of parts) merged = accumulator.merge(merged, part);
  if (JSON.stringify(parts) !== before) throw new Error("merge has changed what it merged");
  return [accumulator.result(gather(events)), accumulator.result(merged)];
}

const cuts = fc.array(fc.nat(), { maxLength: 4 });
const values = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: -50, max: 50 }) },
    { weight: 1, arbitrary: fc.constantFrom(null, "7", true, undefined, {}, []) },
  ),
  { minLength: 0, maxLength: 40 },
);
const numbersIn = (all: readonly unknown[]) => all.filter((v) => typeof v === "number");

t.test(
  "accumulators: of parts that are merged as of the whole, and as by enumeration",
  async (t) => {
    const property = fc.asyncProperty(values, cuts, async (all, at) => {
      const events = await eventsWith(all);
      const numbers = numbersIn(all);
      const total = numbers.reduce((a, b) => a + b, 0);
      const average = numbers.length === 0 ? null : total / numbers.length;
      const same = <State, Result>(accumulator: Accumulator<State, Result>, wanted: unknown) => {
        for (const found of bothWays(accumulator, events, at))
          if (JSON.stringify(found) !== JSON.stringify(wanted))
            throw new Error(`${JSON.stringify(found)} is not ${JSON.stringify(wanted)}`);
      };
      same(count(), all.length);
      same(count("msg.v"), all.filter((v) => (v ?? null) !== null).length);
      same(sum("msg.v"), total);
      same(mean("msg.v"), average);
      same(min("msg.v"), numbers.length === 0 ? null : Math.min(...numbers));
      same(max("msg.v"), numbers.length === 0 ? null : Math.max(...numbers));
      same(first("msg.v"), all.length === 0 ? null : (all[0] ?? null));
      same(last("msg.v"), all.length === 0 ? null : (all.at(-1) ?? null));
      const scalars = all.filter((v) => ["number", "string", "boolean"].includes(typeof v));
      same(distinct("msg.v"), new Set(scalars).size);
      const bin = (from: number | null, to: number | null) => ({
        ...{ from, to },
        count: numbers.filter((v) => (from === null || v >= from) && (to === null || v < to))
          .length,
      });
      same(histogram("msg.v", [-10, 0, 10]), [
        bin(null, -10),
        bin(-10, 0),
        bin(0, 10),
        bin(10, null),
      ]);
      const squares = numbers.reduce((a, b) => a + (b - average!) ** 2, 0);
      for (const [accumulator, divisor] of [
        [variance("msg.v"), numbers.length - 1],
        [variance("msg.v", { of: "population" }), numbers.length],
      ] as const)
        for (const found of bothWays(accumulator, events, at))
          if (divisor <= 0 ? found !== null : !(Math.abs(found! - squares / divisor) < 1e-9))
            throw new Error(`variance ${found}, not ${squares / divisor}`);
    });
    await check(property);
    t.pass("all alike");
  },
);

t.test("sum and mean: what rounding takes away is kept", async (t) => {
  const all = Array.from({ length: 3_000 }, (_, index) => [9e15, 0.25, -9e15][index % 3]!);
  const events = await eventsWith(all);
  t.equal(
    all.reduce((a, b) => a + b, 0),
    0,
    "a plain sum has lost every 0.25",
  );
  t.same(bothWays(sum("msg.v"), events, [7, 500, 1_999]), [250, 250]);
  const tenths = await eventsWith(Array.from({ length: 1_000 }, () => 0.1));
  t.same(bothWays(sum("msg.v"), tenths, [3, 14, 159]), [100, 100]);
  t.same(bothWays(mean("msg.v"), tenths, [265]), [0.1, 0.1]);
});

t.test("sum, mean and variance: what overflows stays a number", async (t) => {
  const events = await eventsWith([1.7e308, 1.7e308, -1.7e308, 1.7e308]);
  const all: Accumulator<unknown, number | null>[] = [
    sum("msg.v"),
    mean("msg.v"),
    variance("msg.v"),
    stddev("msg.v"),
  ];
  for (const accumulator of all)
    for (const found of bothWays(accumulator, events, [2]))
      t.ok(Number.isFinite(found), String(found));
});

t.test("first and last: by event time, and by offset where that is the same", async (t) => {
  const events = await eventsWith(["a", "b", "c", "d"]);
  const times = [5, 3, 5, 3];
  const gathered = (accumulator: Accumulator, order: readonly number[]) => {
    let state = accumulator.create();
    for (const index of order) state = accumulator.add(state, events[index]!, times[index]!);
    return accumulator.result(state);
  };
  for (const order of [
    [0, 1, 2, 3],
    [3, 2, 1, 0],
    [2, 0, 3, 1],
  ]) {
    t.equal(gathered(first("msg.v"), order), "b");
    t.equal(gathered(last("msg.v"), order), "c");
  }
});

t.test("quantiles: within their accuracy of the exact ones, merged or not", async (t) => {
  const number = fc.oneof(
    fc.double({ min: -1e9, max: 1e9, noNaN: true }),
    fc.integer({ min: -3, max: 3 }),
    fc.double({ min: 1e-9, max: 1e-3, noNaN: true }),
  );
  const property = fc.asyncProperty(
    fc.array(number, { minLength: 1, maxLength: 80 }),
    cuts,
    async (all, at) => {
      const sorted = all.toSorted((a, b) => a - b);
      const shares = [0, 0.1, 0.5, 0.9, 1];
      const found = bothWays(quantiles("msg.v", shares), await eventsWith(all), at);
      for (const result of found)
        for (const share of shares) {
          const exact = sorted[Math.floor(share * (sorted.length - 1))]!;
          const off = Math.abs(result[`p${share * 100}`]! - exact);
          if (off > Math.abs(exact) * 0.010001)
            throw new Error(`p${share} off by ${off} of ${exact}`);
        }
      if (JSON.stringify(found[0]) !== JSON.stringify(found[1]))
        throw new Error("merged otherwise");
    },
  );
  await check(property);
  t.same(bothWays(quantiles("msg.v", [0.999]), [])[0], { "p99.9": null });
});

t.test("quantiles: a sketch has so many bins at most, and stays right at the top", async (t) => {
  const all = Array.from({ length: 6_000 }, (_, index) => 1.7 * 10 ** ((index - 6_000) / 20));
  const accumulator = quantiles("msg.v", [0.99]);
  let state = accumulator.create();
  for (const event of await eventsWith(all)) state = accumulator.add(state, event, 0);
  const { bins, positive } = state as { bins: number; positive: object };
  t.ok(bins <= 2_048 && Object.keys(positive).length === bins, `${bins} bins`);
  const exact = all[Math.floor(0.99 * 5_999)]!;
  t.ok(Math.abs(accumulator.result(state).p99! / exact - 1) < 0.0101);
});

t.test("distinct: exact up to the limit, and near the truth above", async (t) => {
  const accumulator = distinct("msg.v", { exactMax: 100 });
  for (const size of [100, 101, 5_000, 50_000]) {
    const events = await eventsWith(Array.from({ length: size }, (_, index) => `user ${index}`));
    let [state, half] = [accumulator.create(), accumulator.create()];
    for (const [index, event] of [...events, ...events.slice(0, 50)].entries()) {
      if (index % 2 === 0) state = accumulator.add(state, event, 0);
      else half = accumulator.add(half, event, 0);
    }
    const found = accumulator.result(accumulator.merge(state, half));
    if (size === 100) t.equal(found, 100);
    else t.ok(Math.abs(found / size - 1) < 0.07, `${found} of ${size}`);
  }
});

t.test("topK: the most frequent first; counts lack no more than they say", async (t) => {
  const few = await eventsWith(["b", "a", 1, "1", "a", true, 1, "b", null]);
  t.same(bothWays(topK("msg.v", 3), few, [4])[1], [
    { value: "a", count: 2, lacking: 0 },
    { value: "b", count: 2, lacking: 0 },
    { value: 1, count: 2, lacking: 0 },
  ]);
  const property = fc.asyncProperty(
    fc.array(fc.nat({ max: 30 }), { maxLength: 200 }),
    cuts,
    async (all, at) => {
      for (const result of bothWays(topK("msg.v", 4, { valuesMax: 5 }), await eventsWith(all), at))
        for (const { value, count: found, lacking } of result as readonly TopValue[]) {
          const exact = all.filter((v) => v === value).length;
          const isRight = found <= exact && exact <= found + lacking && lacking <= all.length / 5;
          if (!isRight) throw new Error(`${value}: ${found} + ${lacking}, really ${exact}`);
        }
    },
  );
  await check(property);
});

t.test("histogram: bins have their lower bound", async (t) => {
  const [bins] = bothWays(histogram("msg.v", [0, 0.5]), await eventsWith([-1, 0, 0.4, 0.5, 9]));
  t.same(
    (bins as readonly HistogramBin[]).map(({ from, to, count: n }) => [from, to, n]),
    [
      [null, 0, 1],
      [0, 0.5, 2],
      [0.5, null, 2],
    ],
  );
});

t.test("accumulators: options out of range are refused", (t) => {
  const wrong = { code: "OPTIONS_INVALID" };
  t.throws(() => quantiles("msg.v", [1.1]), wrong);
  t.throws(() => quantiles("msg.v", [0.5], { accuracy: 0 }), wrong);
  t.throws(() => histogram("msg.v", []), wrong);
  t.throws(() => histogram("msg.v", [2, 1]), wrong);
  t.throws(
    () =>
      histogram(
        "msg.v",
        Array.from({ length: 10_000 }, (_, at) => at),
      ),
    wrong,
  );
  t.throws(() => topK("msg.v", 0), wrong);
  t.throws(() => topK("msg.v", 11, { valuesMax: 10 }), wrong);
  t.throws(() => distinct("msg.v", { exactMax: 100_001 }), wrong);
  t.throws(() => variance("msg.v", { of: "all" as "sample" }), wrong);
  t.throws(() => sum("v"), wrong);
  t.end();
});
