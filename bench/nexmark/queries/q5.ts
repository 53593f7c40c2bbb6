import { type Accumulator, aggregate, hopping } from "../../../consumers/index.js";
import type { Bid } from "../generator/bid.js";
import { topics } from "../generator/envelopes.js";
import { bothWays, outOfOrderMs, outputTopic } from "./query.js";

const topic = outputTopic("q5");
const sizeMs = 10_000;

/** Bids by auction. */
type Counts = Record<string, number>;

interface Item {
  readonly auction: number;
  readonly num: number;
}

/** The auctions with the most bids, all of them if they are equal. */
const hotItems: Accumulator<Counts, readonly Item[]> = {
  create: () => ({}),
  add(counts, { msg }) {
    const { auction } = msg as Bid;
    counts[auction] = (counts[auction] ?? 0) + 1;
    return counts;
  },
  merge(into, from) {
    for (const [auction, num] of Object.entries(from)) into[auction] = (into[auction] ?? 0) + num;
    return into;
  },
  result(counts) {
    const all = Object.entries(counts);
    const most = all.reduce((so, [, num]) => Math.max(so, num), 0);
    return all
      .filter(([, num]) => num === most)
      .map(([auction, num]) => ({ auction: Number(auction), num }));
  },
};

/** Hot items: the auctions with the most bids in the last 10 s, every 2 s. In Beam, every 5 s. */
export default bothWays((semantics) =>
  aggregate({
    name: "nexmark-q5",
    topics: [topics.bid, topics.end],
    key: (event) => (event.topic === topics.bid ? "all" : undefined),
    window: hopping({ sizeMs, slideMs: semantics === "sql" ? 2_000 : 5_000 }),
    outOfOrderMs,
    accumulators: { items: hotItems },
    output: ({ window, items }) =>
      (items as readonly Item[]).map((item) => {
        return { topic, msg: { ...item, starttime: window.start } };
      }),
  }),
);
