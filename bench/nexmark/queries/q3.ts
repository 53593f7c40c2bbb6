import { join } from "../../../consumers/index.js";
import type { Auction } from "../generator/auction.js";
import { topics } from "../generator/envelopes.js";
import type { Person } from "../generator/person.js";
import { bothWays, outputTopic } from "./query.js";

const topic = outputTopic("q3");
const category = 10;
const states: ReadonlySet<string> = new Set(["OR", "ID", "CA"]);

/**
 * Local item suggestion: who sells in category 10 in three states? Either may come first, and both
 * are kept for good, as the SQL asks. (Beam forgets a seller after ten minutes.)
 */
export default bothWays(() =>
  join({
    name: "nexmark-q3",
    left: {
      topics: [topics.auction],
      key: ({ msg }) => (msg as Auction).seller,
      where: ({ msg }) => (msg as Auction).category === category,
      value: ({ msg }) => (msg as Auction).id,
    },
    right: {
      topics: [topics.person],
      key: ({ msg }) => (msg as Person).id,
      where: ({ msg }) => states.has((msg as Person).state),
      value({ msg }) {
        const { name, city, state } = msg as Person;
        return { name, city, state };
      },
    },
    within: "unbounded",
    output: (id, seller) => ({ topic, msg: { ...seller, id } }),
  }),
);
