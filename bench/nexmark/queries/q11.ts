import { aggregate, count, session } from "../../../consumers/index.js";
import type { Bid } from "../generator/bid.js";
import { topics } from "../generator/envelopes.js";
import { bothWays, outOfOrderMs, outputTopic } from "./query.js";

const topic = outputTopic("q11");
const gapMs = 10_000;

/**
 * User sessions: how many bids does a bidder make until they pause for 10 s? In Flink, a bid at the
 * very end of a session still belongs to it, so the gap is one millisecond longer; in Beam it does not.
 */
export default bothWays((semantics) => {
  const moreMs = semantics === "sql" ? 1 : 0;
  return aggregate({
    name: "nexmark-q11",
    topics: [topics.bid, topics.end],
    key: ({ msg }) => (msg as Partial<Bid>).bidder,
    window: session({ gapMs: gapMs + moreMs }),
    outOfOrderMs,
    accumulators: { bids: count() },
    output({ key, window: { start, end }, bids }) {
      const session = { starttime: start, endtime: end - moreMs };
      return { topic, msg: { bidder: Number(key), bid_count: bids, ...session } };
    },
  });
});
