import { transform } from "../../../consumers/index.js";
import { topics } from "../generator/envelopes.js";
import { bothWays, outputTopic } from "./query.js";

const topic = outputTopic("q0");

/** Pass-through: what reading and writing alone cost. Bids only; in Beam, all events. */
export default bothWays((semantics) =>
  transform({
    name: "nexmark-q0",
    topics: semantics === "sql" ? [topics.bid] : [topics.person, topics.auction, topics.bid],
    handle: ({ msg }) => ({ topic, msg }),
  }),
);
