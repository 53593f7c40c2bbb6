import type { Context } from "../../../consumers/index.js";
import type { Auction } from "../generator/auction.js";
import type { Bid } from "../generator/bid.js";
import type { QueryHandlers, Semantics } from "./query.js";

/** An open auction, and the bid that would win it now. */
export interface Lot {
  readonly auction: Auction;
  best?: Bid;
}

export interface WinnerRules {
  /** Whether long texts are kept. */
  readonly keepsTexts: boolean;
  /** Another bid leads; `before` is the one that did. */
  leads?(lot: Lot, before: Bid | undefined, context: Context): void;
  /** The auction is over. Called with the time at which it was. */
  closed?(lot: Lot, context: Context): void;
}

/** What is left of an auction that is over, for a while: bids for it need not be kept. */
const over = 0;
const overMs = 60_000;

/** Beam waits that long for the auction of a bid: twice as long as one lasts on average. */
const beamWaitMs = 33_334;

const earlyPrefix = "early ";
const lots = (context: Context) => context.table<Lot | typeof over>("lots");
const earlyBids = (context: Context) => context.table<Bid[]>("early");

/**
 * Joins auctions with their bids, for the queries about winners. The highest bid leads, of equal ones
 * the earliest. A bid may come before its auction does: it is kept until event time has passed it, for
 * then no auction that is as old as the bid can come.
 */
export function winners(
  semantics: Semantics,
  rules: WinnerRules,
): Required<Pick<QueryHandlers, "auction" | "bid">> & {
  timer(timer: { at: number; key: string }, context: Context): void;
} {
  const isSql = semantics === "sql";
  const waitMs = isSql ? 1 : beamWaitMs;
  const isValid = isSql ? isValidInSql : isValidInBeam;

  function offer(lot: Lot, bid: Bid, context: Context): boolean {
    const { best } = lot;
    if (!isValid(bid, lot.auction) || (best !== undefined && !beats(bid, best))) return false;
    lot.best = rules.keepsTexts ? bid : { ...bid, extra: "" };
    rules.leads?.(lot, best, context);
    return true;
  }

  function keepEarly(bid: Bid, key: string, context: Context): void {
    const waiting = earlyBids(context).get(key) ?? [];
    earlyBids(context).put(key, [...waiting, bid]);
    context.timers.set("event", bid.dateTime + waitMs, earlyPrefix + key);
  }

  return {
    auction(auction, context) {
      const key = String(auction.id);
      const lot: Lot = { auction: rules.keepsTexts ? auction : withoutTexts(auction) };
      const early = earlyBids(context).get(key);
      for (const bid of early ?? []) offer(lot, bid, context);
      if (early !== undefined) earlyBids(context).delete(key);
      lots(context).put(key, lot);
      context.timers.set("event", auction.expires + (isSql ? 1 : 0), key);
    },
    bid(bid, context) {
      const key = String(bid.auction);
      const lot = lots(context).get(key);
      if (lot === undefined) keepEarly(bid, key, context);
      else if (lot !== over && offer(lot, bid, context)) lots(context).put(key, lot);
    },
    timer({ at, key }, context) {
      if (key.startsWith(earlyPrefix)) return drop(key.slice(earlyPrefix.length), at, context);
      const lot = lots(context).get(key);
      if (lot === undefined || lot === over) return lots(context).delete(key);
      lots(context).put(key, over);
      context.timers.set("event", at + overMs, key);
      rules.closed?.(lot, context);
    },
  };

  /** Forgets the early bids whose auction does not come any more. */
  function drop(key: string, at: number, context: Context): void {
    const left = (earlyBids(context).get(key) ?? []).filter((bid) => bid.dateTime + waitMs > at);
    if (left.length > 0) earlyBids(context).put(key, left);
    else earlyBids(context).delete(key);
  }
}

/** Between the auction's start and its expiry, both included. */
function isValidInSql(bid: Bid, { dateTime, expires }: Auction): boolean {
  return dateTime <= bid.dateTime && bid.dateTime <= expires;
}

/** Before the auction's expiry, and at least the reserve. */
function isValidInBeam(bid: Bid, { expires, reserve }: Auction): boolean {
  return bid.dateTime < expires && bid.price >= reserve;
}

function beats(bid: Bid, best: Bid): boolean {
  return bid.price > best.price || (bid.price === best.price && bid.dateTime < best.dateTime);
}

function withoutTexts(auction: Auction): Auction {
  return { ...auction, itemName: "", description: "", extra: "" };
}
