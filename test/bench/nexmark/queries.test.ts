import { join } from "node:path";
import t, { type Test } from "tap";
import { topics } from "../../../bench/nexmark/generator/envelopes.js";
import { type NexmarkEvent, nexmark } from "../../../bench/nexmark/generator/generator.js";
import { beamQueries } from "../../../bench/nexmark/oracle/beam-queries.js";
import { type LoggedEvent, Oracle } from "../../../bench/nexmark/oracle/oracle.js";
import { type QueryName, sqlQueries } from "../../../bench/nexmark/oracle/sql-queries.js";
import { queries } from "../../../bench/nexmark/queries/index.js";
import type { Semantics } from "../../../bench/nexmark/queries/query.js";
import { load } from "../../../bench/nexmark/running/load.js";
import { resultsIn, runQuery } from "../../../bench/nexmark/running/run-query.js";
import { eventsOf, MemoryLog } from "../../../bus/index.js";
import { auction, bid, person } from "./events.js";

type Result = Record<string, unknown>;

/** A log that records events when they happen. */
async function logOf(events: Iterable<NexmarkEvent>, blockEvents = 100): Promise<MemoryLog> {
  let now = 0;
  const log = new MemoryLog({ clock: () => now });
  const onTime = (time: number) => {
    now = time;
  };
  await load(log, events, { blockEvents, onTime });
  return log;
}

async function resultsOf(log: MemoryLog, name: QueryName, semantics: Semantics, dir: string) {
  const consumer = queries[name][semantics];
  const limits = { commitEventsMax: 777 };
  await runQuery({ source: log, consumer, dir, limits, durable: false });
  const results: Result[] = [];
  for await (const result of resultsIn(dir)) results.push(result);
  return results;
}

/** What a query with updates says in the end. */
function lastBy(key: string, results: readonly Result[]): Result[] {
  return [...new Map(results.map((result) => [result[key], result])).values()];
}

const kinds = new Map<string, NexmarkEvent["kind"]>([
  [topics.person, "person"],
  [topics.auction, "auction"],
  [topics.bid, "bid"],
]);

async function logged(log: MemoryLog): Promise<LoggedEvent[]> {
  const events: LoggedEvent[] = [];
  for (let from = 0; from < log.head; ) {
    const { blocks, next } = await log.read({ from });
    for (const { topic, msg, recordedAt } of blocks.flatMap(eventsOf)) {
      const kind = kinds.get(topic);
      if (kind !== undefined)
        events.push({ event: { kind, record: msg } as NexmarkEvent, recordedAt });
    }
    from = next;
  }
  return events;
}

/** Rows that only one side has, or has more often. */
function differences(actual: readonly object[], expected: readonly object[]): string[] {
  const counts = new Map<string, number>();
  const add = (row: object, by: number) => {
    const text = JSON.stringify(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    counts.set(text, (counts.get(text) ?? 0) + by);
  };
  for (const row of actual) add(row, 1);
  for (const row of expected) add(row, -1);
  return [...counts]
    .filter(([, count]) => count !== 0)
    .map(([text, count]) => `${count > 0 ? "too many" : "missing"}: ${text}`)
    .slice(0, 5);
}

t.test("nexmark queries: give the counts that Apache Beam has published", async (t) => {
  const dir = t.testdir();
  const whole = await logOf(nexmark({ numEvents: 100_000 }));
  const tenth = await logOf(nexmark({ numEvents: 10_000 }));
  const count = async (log: MemoryLog, name: QueryName) =>
    (await resultsOf(log, name, "beam", join(dir, name))).length;
  const expected = {
    q0: 100_000,
    q1: 92_000,
    q2: 351,
    q5: 12,
    q7: 1,
    q8: 6_000,
    q11: 1_919,
    q12: 1_919,
  } as const;
  for (const [name, results] of Object.entries(expected))
    t.equal(await count(whole, name as QueryName), results, name);
  t.equal(await count(tenth, "q4"), 40, "q4");
  t.equal(await count(tenth, "q9"), 298, "q9");
});

const streams: Readonly<Record<string, Parameters<typeof nexmark>[0]>> = {
  "many generators": { numEvents: 10_000 },
  "one slow generator": { numEvents: 4_000, numEventGenerators: 1, eventRate: 100 },
  "another time and other ids": {
    numEvents: 4_000,
    numEventGenerators: 3,
    eventRate: 100,
    baseTime: Date.UTC(2024, 1, 29, 23, 59, 58, 765),
    firstEventId: 12_345,
    firstEventNumber: 42,
  },
  "shuffled groups": { numEvents: 10_000, outOfOrderGroupSize: 9 },
  "large shuffled groups, another time and other ids": {
    numEvents: 4_000,
    numEventGenerators: 2,
    eventRate: 150,
    outOfOrderGroupSize: 250,
    baseTime: Date.UTC(1999, 11, 31, 23, 59, 59, 1),
    firstEventId: 777_777,
  },
};

/** Queries that had a result on some stream. */
const fruitful = new Set<string>();

async function compare(t: Test, log: MemoryLog): Promise<void> {
  const dir = t.testdir();
  const events = await logged(log);
  await using oracle = await Oracle.open(events);
  for (const [semantics, sql] of [
    ["sql", sqlQueries],
    ["beam", beamQueries],
  ] as const)
    for (const name of Object.keys(queries) as QueryName[]) {
      const results = await resultsOf(log, name, semantics, join(dir, `${semantics}-${name}`));
      const isAll = name === "q0" && semantics === "beam";
      const expected = isAll
        ? events.map(({ event }) => event.record)
        : await oracle.rows(sql[name]);
      t.same(differences(settled(results, name, semantics), expected), [], `${name}, ${semantics}`);
      if (expected.length > 0) fruitful.add(`${name}, ${semantics}`);
    }
}

function settled(results: Result[], name: QueryName, semantics: Semantics): Result[] {
  if (semantics === "sql" && name === "q4") return lastBy("category", results);
  if (semantics === "sql" && name === "q6") return lastBy("auction", results);
  return results;
}

for (const [title, options] of Object.entries(streams))
  t.test(`nexmark queries: give what SQL gives, ${title}`, async (t) =>
    compare(t, await logOf(nexmark(options))),
  );

/** What a random stream hardly ever hits. */
const edges: Readonly<Record<string, readonly NexmarkEvent[]>> = {
  // 0         10        20        30.001    40
  // *---------*---------|         *---------|* (a moment behind the end)
  "sessions that touch": [bid(0), bid(10), bid(30.001), bid(40.002)],
  // 0         10        20        30
  // |    5    |5,7  7   |7        |
  "highest bids on a window's edge": [
    ...[bid(2), bid(10), bid(10, { price: 7 }), bid(15, { price: 7 }), bid(20, { price: 7 })],
  ],
  // The bid on the edge comes before the window's own.
  "an edge before its window": [bid(10), bid(9), bid(30)],
  // 0   1                    10
  //     |auction             |expires
  //  99   9 9,9              30 50 (too late)
  "bids around an auction": [
    ...[bid(0.5, { price: 99 }), bid(1, { price: 2 }), bid(2, { price: 9, bidder: 11 })],
    ...[bid(2, { price: 9, bidder: 12 }), auction(1, { expires: 10_000 })],
    ...[bid(1.999, { price: 9, bidder: 13 }), bid(10, { price: 30 }), bid(10.001, { price: 50 })],
  ],
  "equal bids": [
    ...[auction(1), bid(2, { price: 9, bidder: 11 }), bid(2, { price: 9, bidder: 12 })],
    ...[auction(1, { id: 3 }), bid(4, { auction: 3, bidder: 11 }), bid(3, { auction: 3 })],
  ],
  // 0         10   14
  // |*        |*   |  the one at 10 comes last, as late as it may
  "events that come 4 s late": [
    ...[auction(0), bid(2), bid(14, { auction: 2 }), bid(10), bid(10, { price: 6 }), bid(40)],
  ],
  "a bid at the reserve, and one below": [
    ...[auction(1, { reserve: 9 }), bid(2, { price: 9 }), auction(3, { id: 3, reserve: 10 })],
    ...[bid(4, { price: 9, auction: 3 }), bid(5, { auction: 123 }), bid(5, { auction: 124 })],
  ],
  // Twelve auctions end within 20 s; the later ones were won earlier.
  "sales that become known out of order": Array.from({ length: 12 }, (_, id) => [
    auction(id / 4, { id, expires: 20_000 - id * 1_000, category: 10 + (id % 2) }),
    bid(3 + (id % 5) / 4, { auction: id, price: 100 + id * id }),
  ]).flat(),
  "auctions before and after their seller": [
    ...[auction(4, { id: 1 }), person(0), auction(6, { id: 2, reserve: 3 })],
    ...[auction(9.999, { id: 3 }), auction(10, { id: 4 }), person(11, { id: 8, state: "WY" })],
    ...[auction(12, { id: 5, seller: 8 }), auction(19, { id: 6, seller: 8, category: 11 })],
    ...[auction(20, { id: 7, seller: 8 }), auction(20, { id: 8, seller: 9 })],
  ],
  // Recorded when they happen: 9.999 is the last moment of a window of processing time.
  "windows of processing time": [bid(9.998), bid(9.999), bid(10), bid(19.997), bid(19.998)],
};

for (const [title, events] of Object.entries(edges))
  t.test(`nexmark queries: give what SQL gives, ${title}`, async (t) =>
    compare(t, await logOf(events, 1)),
  );

t.test("nexmark queries: all of them have had something to find", async (t) => {
  t.equal(fruitful.size, 2 * Object.keys(queries).length);
});
