import { hotItems, type QueryName, sessions, sqlQueries } from "./sql-queries.js";

/**
 * Apache Beam's winning bids: at least the reserve, and before the auction expires. A bid may be
 * earlier than its auction.
 */
const winningBids = `
  SELECT A.*, B.bidder, B.price, B.dateTime AS bid_dateTime, B.extra AS bid_extra
  FROM auction AS A JOIN bid AS B
    ON A.id = B.auction AND B.dateTime < A.expires AND B.price >= A.reserve
  QUALIFY row_number() OVER (PARTITION BY A.id ORDER BY B.price DESC, B.dateTime, B.place) = 1`;

/** The queries as Apache Beam's pipelines compute them, whose output counts are published. */
export const beamQueries: Readonly<Record<QueryName, string>> = {
  q0: `
    SELECT place FROM person UNION ALL SELECT place FROM auction UNION ALL SELECT place FROM bid`,

  q1: "SELECT auction, bidder, price * 89 // 100 AS price, dateTime, extra FROM bid",

  q2: sqlQueries.q2,

  // Beam forgets a seller 600 s after the last event about them; this does not.
  q3: sqlQueries.q3,

  // A winning bid is as old as its window, which ends as the auction expires.
  q4: `
    SELECT category, starttime, round(avg(price)) AS average FROM (
      SELECT category, price, unnest(generate_series(
        (expires - 1) - (expires - 1) % 5000 - 5000, (expires - 1) - (expires - 1) % 5000, 5000
      )) AS starttime
      FROM (${winningBids})
    ) GROUP BY category, starttime`,

  q5: hotItems(5_000),

  // Of what has closed by then, the last ten by the time of the bid. Auctions that close together do
  // so in the order of their ids as texts: Beam leaves it open, and that is how timers fire.
  q6: `
    WITH closed AS (${winningBids})
    SELECT seller, id AS auction, (
      SELECT round(avg(price)) FROM (
        SELECT price FROM closed AS earlier
        WHERE earlier.seller = closed.seller
          AND (earlier.expires, earlier.id::VARCHAR) <= (closed.expires, closed.id::VARCHAR)
        ORDER BY bid_dateTime DESC, price DESC LIMIT 10
      )
    ) AS average
    FROM closed`,

  q7: `
    SELECT auction, bidder, price, dateTime, extra FROM bid
    QUALIFY price = max(price) OVER (PARTITION BY dateTime // 10000)`,

  q8: `
    SELECT P.id, P.name, A.reserve
    FROM person AS P JOIN auction AS A
    ON P.id = A.seller AND P.dateTime // 10000 = A.dateTime // 10000`,

  q9: `SELECT * EXCLUDE (place, recordedAt) FROM (${winningBids})`,

  q11: sessions("<"),

  // A pane begins with the first bid that no earlier one holds.
  q12: `
    WITH RECURSIVE pane AS (
      SELECT bidder, min(recordedAt) AS start FROM bid GROUP BY bidder
      UNION ALL
      SELECT pane.bidder, min(recordedAt)
      FROM pane JOIN bid ON bid.bidder = pane.bidder AND recordedAt >= start + 10000
      GROUP BY pane.bidder
    )
    SELECT bidder, count(*) AS bid_count
    FROM bid JOIN pane USING (bidder)
    WHERE recordedAt >= start AND recordedAt < start + 10000 GROUP BY bidder, start`,
};
