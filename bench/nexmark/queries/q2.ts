import { outputTopic, query } from "./query.js";

const topic = outputTopic("q2");
const every = 123;

/** Selection: the bids in every 123rd auction. */
export default query("q2", () => ({
  bid({ auction, price }, context) {
    if (auction % every === 0) context.emit(topic, { auction, price });
  },
}));
