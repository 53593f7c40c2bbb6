import fc from "fast-check";
import t from "tap";
import { openBus } from "../../../bus/index.js";
import { train } from "../../../consumers/train/train.js";
import type { LabelJoin, TrainSpec } from "../../../consumers/train/train-spec.js";
import { busOf, type Given, logStart, over } from "../over-log.js";
import { assertAsyncProperty, disturbances } from "../property.js";
import { bodiesOn } from "./orders.js";
import { type LearntRow, recordingKind } from "./recording-kind.js";

const withinMs = 20;

interface Arrival {
  readonly isLabel: boolean;
  readonly key: string;
  readonly time: number;
  readonly colour: string;
}

/** Learns, of rows that know their own place, which label each gets. */
function specOf(rows: LearntRow[], join: Partial<LabelJoin> = {}): TrainSpec {
  return {
    name: "joined",
    topics: ["in.row"],
    features: [
      { path: "offset" },
      { path: "msg.time" },
      { path: "msg.colour", encoder: { kind: "one-hot", max: 2 } },
    ],
    labelJoin: { topics: ["in.label"], key: "msg.key", label: "msg.label", withinMs, ...join },
    model: recordingKind(rows) as never,
    task: "regression",
    // So that each row is learnt at once.
    metrics: { everyRows: 1 },
    watermark: { time: ({ msg }) => logStart + (msg as Arrival).time },
  };
}

const arrivals = fc.array(
  fc.record({
    isLabel: fc.boolean(),
    key: fc.constantFrom("a", "b"),
    time: fc.integer({ min: 0, max: 60 }),
    colour: fc.constantFrom("red", "green", "blue"),
  }),
  { maxLength: 25 },
);

/** The log: an offset each, from 0 on. A label's value is its own offset, or something else. */
function eventsOf(list: readonly Arrival[], labelAt = (offset: number): number => offset): Given[] {
  return list.map((arrival, offset) => ({
    topic: arrival.isLabel ? "in.label" : "in.row",
    msg: { ...arrival, label: labelAt(offset) },
    at: offset,
  }));
}

async function learntFrom(events: readonly Given[], options: Parameters<typeof over>[2] = {}) {
  const rows: LearntRow[] = [];
  await using bus = await busOf(events);
  await over(bus, train(specOf(rows)), options);
  return rows;
}

/** Which row gets which label, by the rule as it is written: [row's offset, label's offset]. */
function plainJoin(list: readonly Arrival[]): (readonly [row: number, label: number])[] {
  const waiting = new Set<number>();
  const pairs: (readonly [number, number])[] = [];
  let watermark = Number.NEGATIVE_INFINITY;
  for (const [offset, { isLabel, key, time }] of list.entries()) {
    if (!isLabel) waiting.add(offset);
    else
      for (const row of [...waiting].sort((a, b) => a - b)) {
        const { key: own, time: at } = list[row]!;
        if (own !== key || at > time || at < time - withinMs) continue;
        waiting.delete(row);
        pairs.push([row, offset]);
      }
    watermark = Math.max(watermark, time);
    for (const row of waiting) if (list[row]!.time + withinMs < watermark) waiting.delete(row);
  }
  return pairs;
}

t.test("train: a label is for rows of its key that came before it, and not too long", async () => {
  const property = fc.asyncProperty(arrivals, async (list) => {
    const rows = await learntFrom(eventsOf(list));
    const pairs = rows.map(({ values, label }) => [values[0], label]);
    t.same(pairs, plainJoin(list));
  });
  await assertAsyncProperty(property, 40);
});

t.test("train: no row knows anything of its label's event, or of what comes after it", async () => {
  const property = fc.asyncProperty(arrivals, fc.nat(25), async (list, cut) => {
    const rows = await learntFrom(eventsOf(list));
    for (const { values, label } of rows) t.ok(values[0]! < label, "a row is older than its label");
    const other = await learntFrom(eventsOf(list, (offset) => -offset));
    const seen = (learnt: readonly LearntRow[]) => learnt.map(({ values }) => values);
    t.same(seen(other), seen(rows), "other labels do not change what rows hold");
    const before = await learntFrom(eventsOf(list.slice(0, cut)));
    t.same(
      before,
      rows.slice(0, before.length),
      "what comes later does not change what was learnt",
    );
  });
  await assertAsyncProperty(property, 40);
});

t.test("train: rows that wait for labels survive any stop", async () => {
  const property = fc.asyncProperty(arrivals, disturbances, async (list, stops) => {
    const rows = await learntFrom(eventsOf(list));
    const { crashAt, commitEventsMax } = stops;
    const parted = await learntFrom(eventsOf(list), { crashAt, limits: { commitEventsMax } });
    // Those that were not committed are learnt again.
    const distinct = (learnt: readonly LearntRow[]) =>
      new Set(learnt.map((row) => JSON.stringify(row)));
    t.same(distinct(parted), distinct(rows));
  });
  await assertAsyncProperty(property, 30);
});

t.test(
  "train: where no label comes in time, there is one that says so, or the row is counted",
  async (t) => {
    const events = eventsOf([
      { isLabel: false, key: "a", time: 0, colour: "red" },
      { isLabel: false, key: "b", time: 5, colour: "red" },
      { isLabel: true, key: "b", time: 10, colour: "" },
      { isLabel: true, key: "c", time: 40, colour: "" },
      { isLabel: false, key: "a", time: 41, colour: "red" },
    ]);
    await using bus = await busOf(events);
    const rows: LearntRow[] = [];
    await over(bus, train(specOf(rows, { absent: -1 })));
    t.same(
      rows.map(({ values, label }) => [values[0], label]),
      [
        [1, 2],
        [0, -1],
      ],
    );
    const { outputs } = await over(bus, train(specOf([])));
    const reports = bodiesOn<{ rows: number; counts: object }>(outputs, "models.joined.metrics");
    t.match(reports[0], { rows: 1, counts: {} }, "the row of b was learnt before");
    t.match(reports.at(-1), { rows: 1, counts: { unlabelled: 1, labelOfNothing: 1 } });
  },
);

t.test("train: a key has several fields; too many rows of one key wait for nothing", async (t) => {
  const rowAt = (shop: number, id: string, at: number): Given => ({
    topic: "in.row",
    msg: { shop, id, time: at, colour: "red" },
    at,
  });
  const label = { topic: "in.label", msg: { store: 1, id: "x", time: 9, label: 7 }, at: 9 };
  const events = [rowAt(1, "x", 1), rowAt(2, "x", 2), rowAt(1, "x", 3), rowAt(1, "x", 4), label];
  await using bus = await busOf(events);
  const rows: LearntRow[] = [];
  const join = { key: ["msg.shop", "msg.id"], labelKey: ["msg.store", "msg.id"], rowsMax: 2 };
  const { outputs } = await over(bus, train({ ...specOf(rows, join), attemptsMax: 1 }));
  t.same(
    rows.map(({ values }) => values[0]),
    [0, 2],
  );
  const letters = bodiesOn<{ error: { code: string } }>(outputs, "consumers.joined.dead-letter");
  t.same(
    letters.map(({ error }) => error.code),
    ["STATE_LIMIT"],
  );
});

t.test("train: a schema that is registered does not move event time", async (t) => {
  const old = Date.UTC(2001, 0, 1);
  await using bus = await openBus();
  await using publisher = bus.publisher();
  const send = (topic: string, at: number) =>
    publisher.publishEnvelopes([
      JSON.stringify({
        ...{ topic, msg_id: `${topic} ${at}`, timestamp: (old + at) / 1_000 },
        msg: { key: "a", time: at, colour: "red", label: at },
      }),
    ]);
  await send("in.row", 0);
  await bus.registerSchema({ name: "row", version: 1, topics: ["in.*"], schema: {} });
  await send("in.label", 5);
  const rows: LearntRow[] = [];
  const { watermark: _, ...spec } = specOf(rows);
  await over(bus, train(spec));
  t.equal(rows.length, 1, "the row still waits when its label comes");
});
