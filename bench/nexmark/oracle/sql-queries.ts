/** The queries that are run. */
export type QueryName =
  | "q0"
  | "q1"
  | "q2"
  | "q3"
  | "q4"
  | "q5"
  | "q6"
  | "q7"
  | "q8"
  | "q9"
  | "q11"
  | "q12";

/** Bids in the windows [start, start + 10 s) that begin every `slideMs`. */
export const hoppingBids = (slideMs: number) => `
  SELECT *, unnest(generate_series(
    dateTime - dateTime % ${slideMs} - 10000 + ${slideMs}, dateTime - dateTime % ${slideMs}, ${slideMs}
  )) AS starttime
  FROM bid`;

/** The auctions with the most bids in each window. */
export const hotItems = (slideMs: number) => `
  WITH counted AS (
    SELECT auction, starttime, count(*) AS num
    FROM (${hoppingBids(slideMs)}) GROUP BY auction, starttime
  )
  SELECT auction, num, starttime FROM counted
  WHERE num = (SELECT max(num) FROM counted AS other WHERE other.starttime = counted.starttime)`;

/**
 * A bidder's bids in one session, as long as the time between neighbours is `within` the gap. A
 * session ends a gap after its last bid.
 */
export const sessions = (within: "<" | "<=") => `
  WITH neighbours AS (
    SELECT *, lag(dateTime) OVER (PARTITION BY bidder ORDER BY dateTime) AS previous FROM bid
  ), numbered AS (
    SELECT *, count(*) FILTER (NOT coalesce(dateTime - previous ${within} 10000, false))
      OVER (PARTITION BY bidder ORDER BY dateTime) AS session
    FROM neighbours
  )
  SELECT bidder, count(*) AS bid_count, min(dateTime) AS starttime, max(dateTime) + 10000 AS endtime
  FROM numbered GROUP BY bidder, session`;

/** Each auction's best bid: the highest, of those the earliest, of those the first in the stream. */
const winningBids = `
  SELECT A.*, B.bidder, B.price, B.dateTime AS bid_dateTime, B.extra AS bid_extra
  FROM auction AS A JOIN bid AS B ON A.id = B.auction AND B.dateTime BETWEEN A.dateTime AND A.expires
  QUALIFY row_number() OVER (PARTITION BY A.id ORDER BY B.price DESC, B.dateTime, B.place) = 1`;

/**
 * The queries as Flink SQL has them (nexmark/nexmark), in DuckDB's dialect. Where they leave the
 * order of equal rows open, it is that of the stream for bids, and of their ids for auctions.
 */
export const sqlQueries: Readonly<Record<QueryName, string>> = {
  q0: "SELECT auction, bidder, price, dateTime, extra FROM bid",

  q1: "SELECT auction, bidder, 0.908 * price AS price, dateTime, extra FROM bid",

  q2: "SELECT auction, price FROM bid WHERE auction % 123 = 0",

  q3: `
    SELECT P.name, P.city, P.state, A.id
    FROM auction AS A JOIN person AS P ON A.seller = P.id
    WHERE A.category = 10 AND P.state IN ('OR', 'ID', 'CA')`,

  q4: `
    SELECT category, avg(final) AS average FROM (
      SELECT A.id, A.category, max(B.price) AS final
      FROM auction AS A JOIN bid AS B
        ON A.id = B.auction AND B.dateTime BETWEEN A.dateTime AND A.expires
      GROUP BY A.id, A.category
    ) GROUP BY category`,

  q5: hotItems(2_000),

  q6: `
    SELECT seller, id AS auction, avg(price) OVER (
      PARTITION BY seller ORDER BY bid_dateTime, id ROWS BETWEEN 10 PRECEDING AND CURRENT ROW
    ) AS average
    FROM (${winningBids})`,

  q7: `
    SELECT B.auction, B.bidder, B.price, B.dateTime, B.extra
    FROM bid AS B JOIN (
      SELECT max(price) AS price, dateTime - dateTime % 10000 + 10000 AS endtime
      FROM bid GROUP BY endtime
    ) AS highest
    ON B.price = highest.price AND B.dateTime BETWEEN endtime - 10000 AND endtime`,

  q8: `
    SELECT DISTINCT P.id, P.name, P.dateTime - P.dateTime % 10000 AS starttime
    FROM person AS P JOIN auction AS A
    ON P.id = A.seller AND P.dateTime // 10000 = A.dateTime // 10000`,

  q9: `SELECT * EXCLUDE (place, recordedAt) FROM (${winningBids})`,

  q11: sessions("<="),

  q12: `
    SELECT bidder, count(*) AS bid_count, recordedAt - recordedAt % 10000 AS starttime
    FROM bid GROUP BY bidder, starttime`,
};
