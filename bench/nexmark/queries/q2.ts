import { transform } from "../../../consumers/index.js";
import type { Bid } from "../generator/bid.js";
import { topics } from "../generator/envelopes.js";
import { bothWays, outputTopic } from "./query.js";

const topic = outputTopic("q2");
const every = 123;

/** Selection: the bids in every 123rd auction. */
export default bothWays(() =>
  transform({
    name: "nexmark-q2",
    topics: [topics.bid],
    handle({ msg }) {
      const { auction, price } = msg as Bid;
      return auction % every === 0 ? { topic, msg: { auction, price } } : undefined;
    },
  }),
);
