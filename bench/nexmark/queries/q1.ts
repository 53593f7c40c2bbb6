import { transform } from "../../../consumers/index.js";
import type { Bid } from "../generator/bid.js";
import { topics } from "../generator/envelopes.js";
import { bothWays, outputTopic } from "./query.js";

const topic = outputTopic("q1");

const converted = {
  sql: (price: number) => (price * 908) / 1000,
  beam: (price: number) => Math.floor((price * 89) / 100),
} as const;

/** Currency conversion: dollars to euros. In Beam, whole cents. */
export default bothWays((semantics) =>
  transform({
    name: "nexmark-q1",
    topics: [topics.bid],
    handle({ msg }) {
      const bid = msg as Bid;
      return { topic, msg: { ...bid, price: converted[semantics](bid.price) } };
    },
  }),
);
