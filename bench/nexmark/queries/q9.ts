import { outputTopic, query } from "./query.js";
import { winners } from "./winners.js";

const topic = outputTopic("q9");

/** Winning bids: each auction with its best bid, once it is over. */
export default query("q9", (semantics) =>
  winners(semantics, {
    auctionOf: (auction) => auction,
    bidOf: (bid) => bid,
    closed({ auction, best }, context) {
      if (best === undefined) return;
      const { bidder, price, dateTime, extra } = best;
      const result = { ...auction, bidder, price, bid_dateTime: dateTime, bid_extra: extra };
      context.emit(topic, result);
    },
  }),
);
