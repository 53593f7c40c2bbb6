import t from "tap";
import { type NexmarkEvent, nexmark } from "../../../bench/nexmark/generator/generator.js";
import { beamQueries } from "../../../bench/nexmark/oracle/beam-queries.js";
import { type LoggedEvent, Oracle } from "../../../bench/nexmark/oracle/oracle.js";
import { type QueryName, sqlQueries } from "../../../bench/nexmark/oracle/sql-queries.js";
import { auction, bid, person } from "./events.js";

/** As if each event had been recorded when it happened. */
function* logged(events: Iterable<NexmarkEvent>): Iterable<LoggedEvent> {
  for (const event of events) yield { event, recordedAt: event.record.dateTime };
}

async function sorted(events: readonly NexmarkEvent[], sql: string) {
  await using oracle = await Oracle.open(logged(events));
  return (await oracle.rows(sql)).map((row) => Object.values(row).join(" ")).sort();
}

t.test("nexmark oracle: gives the counts that Apache Beam has published", async (t) => {
  await using whole = await Oracle.open(logged(nexmark({ numEvents: 100_000 })));
  await using tenth = await Oracle.open(logged(nexmark({ numEvents: 10_000 })));
  const count = async (oracle: Oracle, name: QueryName) =>
    (await oracle.rows(`SELECT count(*) AS rows FROM (${beamQueries[name]})`))[0]!.rows;
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
  for (const [name, rows] of Object.entries(expected))
    t.equal(await count(whole, name as QueryName), rows, name);
  t.equal(await count(tenth, "q4"), 40, "q4");
  t.equal(await count(tenth, "q9"), 298, "q9");
});

t.test("nexmark oracle: counts the windows that a bid lies in", async (t) => {
  //        0    2    4    6    8    10   12
  // [-8,2) *
  //        ...
  // [0,10) *    *                   |
  // [2,12)      *                        |
  const bids = [bid(0), bid(2), bid(2, { auction: 3 }), bid(2, { auction: 3 })];
  const rows = (start: number, ...items: string[]) =>
    items.map((item) => `${item} ${start * 1000}`);
  t.same(
    await sorted(bids, sqlQueries.q5),
    [
      ...rows(-8, "1 1"),
      ...[-6, -4, -2, 0].flatMap((start) => rows(start, "1 2", "3 2")),
      ...rows(2, "3 2"),
    ].sort(),
  );
});

t.test("nexmark oracle: merges sessions that touch as Flink does, not as Beam does", async (t) => {
  // 0         10        20        30.001
  // *---------*---------|         *---------|
  const bids = [bid(0), bid(10), bid(30.001)];
  t.same(await sorted(bids, sqlQueries.q11), ["2 1 30001 40001", "2 2 0 20000"]);
  t.same(await sorted(bids, beamQueries.q11), [
    "2 1 0 10000",
    "2 1 10000 20000",
    "2 1 30001 40001",
  ]);
});

t.test("nexmark oracle: finds the highest bid of a window also on its far edge", async (t) => {
  // 0         10        20
  //   5       5
  // |         7         |
  const bids = [bid(2), bid(10), bid(10, { price: 7 })];
  t.same(await sorted(bids, sqlQueries.q7), ["1 2 5 10000 ", "1 2 5 2000 ", "1 2 7 10000 "]);
  t.same(await sorted(bids, beamQueries.q7), ["1 2 5 2000 ", "1 2 7 10000 "]);
});

t.test("nexmark oracle: a bid wins if it is highest, then earliest, then first", async (t) => {
  // 0                      10
  // |auction               |expires
  //     9  9,9             9 (too late for Beam)
  const events = [
    bid(2, { price: 9, bidder: 11 }),
    bid(2, { price: 9, bidder: 12 }),
    auction(1, { expires: 10_000 }),
    bid(0.5, { price: 99, bidder: 13 }),
    bid(1.5, { price: 8, bidder: 14 }),
    bid(10, { price: 30, bidder: 15 }),
    bid(10.001, { price: 50, bidder: 16 }),
  ];
  const bidders = (sql: string) => sorted(events, `SELECT bidder, price FROM (${sql})`);
  t.same(await bidders(sqlQueries.q9), ["15 30"], "from the auction's start to its expiry");
  t.same(await bidders(beamQueries.q9), ["13 99"], "from any time on, to before its expiry");
  const [first] = await sorted(events.slice(0, 3), `SELECT bidder FROM (${sqlQueries.q9})`);
  t.equal(first, "11");
  const reserved = [auction(1, { reserve: 10 }), bid(2, { price: 9 })];
  t.same(await sorted(reserved, `SELECT bidder FROM (${beamQueries.q9})`), [], "below the reserve");
});

t.test("nexmark oracle: averages winning bids by category and by seller", async (t) => {
  // Twelve auctions of one seller, one a second, each won with its own number.
  const events = Array.from({ length: 12 }, (_, index) => [
    auction(index, { id: index, category: 10 + (index % 2) }),
    bid(index, { auction: index, price: index }),
  ]).flat();
  t.same(await sorted(events, sqlQueries.q4), ["10 5", "11 6"]);
  const mean = (from: number, to: number) => (from + to) / 2;
  const rows = (preceding: number) =>
    Array.from({ length: 12 }, (_, id) => `7 ${id} ${mean(Math.max(id - preceding, 0), id)}`);
  t.same(await sorted(events, sqlQueries.q6), rows(10).sort());
});

t.test(
  "nexmark oracle: joins people with their auctions, in the same window or ever",
  async (t) => {
    // 0         10        20
    // p    a a  |a        |
    const events = [
      auction(4, { id: 1 }),
      person(0),
      auction(6, { id: 2, reserve: 3 }),
      auction(10, { id: 3 }),
      auction(5, { id: 4, category: 11, seller: 8 }),
    ];
    t.same(
      await sorted(events, sqlQueries.q3),
      [1, 2, 3].map((id) => `Ann Bend OR ${id}`),
    );
    t.same(await sorted(events, sqlQueries.q8), ["7 Ann 0"]);
    t.same(await sorted(events, beamQueries.q8), ["7 Ann 0", "7 Ann 3"]);
  },
);

t.test("nexmark oracle: converts prices, and selects auctions by their number", async (t) => {
  const bids = [bid(0, { price: 1_001 }), bid(0, { auction: 246, price: 3 })];
  t.same(await sorted(bids, `SELECT price FROM (${sqlQueries.q1})`), ["2.724", "908.908"]);
  t.same(await sorted(bids, `SELECT price FROM (${beamQueries.q1})`), ["2", "890"]);
  t.same(await sorted(bids, sqlQueries.q2), ["246 3"]);
});

t.test("nexmark oracle: windows of processing time go by when events were recorded", async (t) => {
  const recorded = [9_999, 10_000, 10_001].map((recordedAt) => ({ event: bid(0), recordedAt }));
  await using oracle = await Oracle.open(recorded);
  t.same(await oracle.rows(`${sqlQueries.q12} ORDER BY starttime`), [
    { bidder: 2, bid_count: 1, starttime: 0 },
    { bidder: 2, bid_count: 2, starttime: 10_000 },
  ]);
  //  9.999               19.999              29.999
  // |*  *  *            |*                  |*
  const later = [19_998, 19_999, 29_999].map((recordedAt) => ({ event: bid(0), recordedAt }));
  await using longer = await Oracle.open([...recorded, ...later]);
  const counts = (await longer.rows(beamQueries.q12)).map(({ bid_count }) => bid_count);
  t.same(counts.toSorted(), [1, 1, 4], "in Beam, windows start with a bid");
});
