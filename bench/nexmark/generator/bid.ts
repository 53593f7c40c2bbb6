import { anyAuction, anyPerson, first, hot, lastAuction, lastPerson, price } from "./ids.js";
import type { Source } from "./source.js";

/** What somebody offers in an auction. */
export interface Bid {
  /** Id of an auction, perhaps of one that is yet to come. */
  readonly auction: number;
  /** Id of a person, perhaps of one who is yet to come. */
  readonly bidder: number;
  /** Cents. */
  readonly price: number;
  /** ms since 1970. */
  readonly dateTime: number;
  readonly extra: string;
}

const bytes = 32;

/** The bid that is event `eventId`. The order of the draws is part of the benchmark. */
export function makeBid({ random, text, options }: Source, eventId: number, dateTime: number): Bid {
  const isHotAuction = random.nextInt(options.hotAuctionRatio) > 0;
  const auction = isHotAuction
    ? hot(lastAuction(eventId))
    : anyAuction(random, eventId, options.numInFlightAuctions);
  const isHotBidder = random.nextInt(options.hotBiddersRatio) > 0;
  // The second of its batch, so that hot bidders are not hot sellers too.
  const bidder = isHotBidder
    ? hot(lastPerson(eventId)) + 1
    : anyPerson(random, eventId, options.numActivePeople);
  return {
    auction: first.auction + auction,
    bidder: first.person + bidder,
    price: price(random),
    dateTime,
    extra: text.filler(bytes, options.avgBidByteSize),
  };
}
