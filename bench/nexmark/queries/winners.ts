import type { Context, Timer } from "../../../consumers/index.js";
import type { Auction } from "../generator/auction.js";
import type { Bid } from "../generator/bid.js";
import type { QueryHandlers, Semantics } from "./query.js";

/** What decides which bids are valid. */
type Terms = Pick<Auction, "dateTime" | "expires" | "reserve">;
/** What decides which bid is best. */
type Offer = Pick<Bid, "price" | "dateTime">;

/** An open auction, and the bid that would win it now. */
export interface Lot<A, B> {
  readonly auction: A;
  best?: B;
}

export interface WinnerRules<A extends Terms, B extends Offer> {
  /** What the query needs of an auction and of its best bid: state is as large as this. */
  auctionOf(auction: Auction): A;
  bidOf(bid: Bid): B;
  /** Another bid leads; `before` is the one that did. */
  leads?(lot: Lot<A, B>, before: B | undefined, context: Context): void;
  /** The auction is over. */
  closed?(lot: Lot<A, B>, context: Context): void;
}

/** Bids whose auction has not come yet. */
interface Early<B> {
  readonly early: B[];
}

/** What is left of an auction that is over, for a while: bids for it need not be kept. */
const over = 0;
const overMs = 60_000;

/** What can wait is done once for all that falls due in such a time. */
const roundMs = 1_000;
const roundUp = (time: number) => Math.ceil(time / roundMs) * roundMs;

/** Beam waits that long for the auction of a bid: twice as long as one lasts on average. */
const beamWaitMs = 33_334;

/** How the keys of timers begin that are not an auction's own. */
const prefixes = { early: "early ", over: "over" } as const;

/**
 * Joins auctions with their bids, for the queries about winners. The highest bid leads, of equal ones
 * the earliest. A bid may come before its auction does: it is kept until event time has passed it, for
 * then no auction that is as old as the bid can come.
 */
export function winners<A extends Terms, B extends Offer>(
  semantics: Semantics,
  rules: WinnerRules<A, B>,
): Required<Pick<QueryHandlers, "auction" | "bid">> & { timer(timer: Timer, c: Context): void } {
  const isSql = semantics === "sql";
  const isValid = isSql ? isValidInSql : isValidInBeam;
  const waitMs = isSql ? 1 : beamWaitMs;
  const lots = (context: Context) => context.table<Lot<A, B> | Early<B> | typeof over>("lots");

  /** Whether the bid would lead. */
  function isBetter({ auction, best }: Lot<A, B>, bid: Offer): boolean {
    return isValid(bid, auction) && (best === undefined || beats(bid, best));
  }

  function lead(lot: Lot<A, B>, bid: B, context: Context): void {
    const before = lot.best;
    lot.best = bid;
    rules.leads?.(lot, before, context);
  }

  /** The auction is over: nothing is left of it but a mark, for a while. */
  function close(key: string, at: number, context: Context): void {
    const lot = lots(context).get(key) as Lot<A, B>;
    lots(context).put(key, over);
    const forgetAt = roundUp(at + overMs);
    const marks = context.table<string[]>("over");
    const marked = marks.get(String(forgetAt)) ?? [];
    marked.push(key);
    marks.put(String(forgetAt), marked);
    context.timers.set("event", forgetAt, prefixes.over);
    rules.closed?.(lot, context);
  }

  return {
    auction(auction, context) {
      const key = String(auction.id);
      const entry = lots(context).get(key);
      const lot: Lot<A, B> = { auction: rules.auctionOf(auction) };
      if (isEarly(entry))
        for (const bid of entry.early) if (isBetter(lot, bid)) lead(lot, bid, context);
      lots(context).put(key, lot);
      context.timers.set("event", auction.expires + (isSql ? 1 : 0), key);
    },
    bid(bid, context) {
      const key = String(bid.auction);
      const entry = lots(context).get(key);
      if (entry === over) return;
      if (entry !== undefined && !isEarly(entry)) {
        if (!isBetter(entry, bid)) return;
        lead(entry, rules.bidOf(bid), context);
        lots(context).put(key, entry);
        return;
      }
      const early = entry?.early ?? [];
      early.push(rules.bidOf(bid));
      lots(context).put(key, { early });
      context.timers.set("event", roundUp(bid.dateTime + waitMs), prefixes.early + key);
    },
    timer({ at, key }, context) {
      if (key === prefixes.over) forget(at, context);
      else if (key.startsWith(prefixes.early)) drop(key.slice(prefixes.early.length), at, context);
      else close(key, at, context);
    },
  };

  /** Gives up the early bids whose auction does not come any more. */
  function drop(key: string, at: number, context: Context): void {
    const entry = lots(context).get(key);
    if (!isEarly(entry)) return;
    const early = entry.early.filter(({ dateTime }) => dateTime + waitMs > at);
    if (early.length > 0) lots(context).put(key, { early });
    else lots(context).delete(key);
  }

  function forget(at: number, context: Context): void {
    const marks = context.table<string[]>("over");
    for (const key of marks.get(String(at)) ?? []) lots(context).delete(key);
    marks.delete(String(at));
  }
}

function isEarly<B>(entry: object | number | undefined): entry is Early<B> {
  return typeof entry === "object" && "early" in entry;
}

/** Between the auction's start and its expiry, both included. */
function isValidInSql(bid: Offer, { dateTime, expires }: Terms): boolean {
  return dateTime <= bid.dateTime && bid.dateTime <= expires;
}

/** Before the auction's expiry, and at least the reserve. */
function isValidInBeam(bid: Offer, { expires, reserve }: Terms): boolean {
  return bid.dateTime < expires && bid.price >= reserve;
}

function beats(bid: Offer, best: Offer): boolean {
  return bid.price > best.price || (bid.price === best.price && bid.dateTime < best.dateTime);
}
