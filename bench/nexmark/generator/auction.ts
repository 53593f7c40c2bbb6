import { anyPerson, first, hot, lastAuction, lastPerson, price, proportion } from "./ids.js";
import type { Source } from "./source.js";

/** Something offered for sale. */
export interface Auction {
  readonly id: number;
  readonly itemName: string;
  readonly description: string;
  /** Cents. */
  readonly initialBid: number;
  /** Cents. */
  readonly reserve: number;
  /** ms since 1970. */
  readonly dateTime: number;
  /** ms since 1970. */
  readonly expires: number;
  /** Id of a person, perhaps of one who is yet to come. */
  readonly seller: number;
  readonly category: number;
  readonly extra: string;
}

const categories = 5;

/**
 * The auction that is event `eventId`. `horizonMs`: how long it takes for as many auctions to come as
 * are open at a time; an auction lasts that long on average. The order of the draws is part of the
 * benchmark.
 */
export function makeAuction(
  { random, text, options }: Source,
  eventId: number,
  { dateTime, horizonMs }: { dateTime: number; horizonMs: number },
): Auction {
  const isHot = random.nextInt(options.hotSellersRatio) > 0;
  const seller = isHot
    ? hot(lastPerson(eventId))
    : anyPerson(random, eventId, options.numActivePeople);
  const category = first.category + random.nextInt(categories);
  const initialBid = price(random);
  const expires = dateTime + 1 + random.nextInt(Math.max(horizonMs * 2, 1));
  const itemName = text.words(20);
  const description = text.words(100);
  const reserve = initialBid + price(random);
  const bytes = 8 + itemName.length + description.length + 40;
  return {
    id: first.auction + lastAuction(eventId),
    itemName,
    description,
    initialBid,
    reserve,
    dateTime,
    expires,
    seller: first.person + seller,
    category,
    extra: text.filler(bytes, options.avgAuctionByteSize),
  };
}

/** Events that pass while as many auctions come as are open at a time. */
export function horizonEvents(numInFlightAuctions: number): number {
  return Math.floor((numInFlightAuctions * proportion.all) / proportion.auction);
}
