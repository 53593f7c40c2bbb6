import type { Context } from "../../../consumers/index.js";
import type { Auction } from "../generator/auction.js";
import type { Bid } from "../generator/bid.js";
import { outputTopic, type QueryHandlers, query } from "./query.js";
import { type Lot, winners } from "./winners.js";

const topic = outputTopic("q4");
const sizeMs = 10_000;
const slideMs = 5_000;
/** Sorts behind the keys of auctions: those that close with a window still belong to it. */
const windowPrefix = "window ";

interface Total {
  readonly sum: number;
  readonly count: number;
}

const nothing: Total = { sum: 0, count: 0 };

const auctionOf = ({ category, dateTime, expires, reserve }: Auction) => {
  return { category, dateTime, expires, reserve };
};
const bidOf = ({ price, dateTime }: Bid) => ({ price, dateTime });
type OfCategory = Lot<ReturnType<typeof auctionOf>, ReturnType<typeof bidOf>>;

/** Average price for a category: of the best bids for its auctions. */
export default query("q4", (semantics) => (semantics === "sql" ? updating() : sliding()));

/** As the SQL has it: the average so far, whenever it changes. */
function updating(): QueryHandlers {
  function leads(lot: OfCategory, before: OfCategory["best"], context: Context): void {
    const {
      auction: { category },
      best,
    } = lot;
    if (before?.price === best!.price) return;
    const key = String(category);
    const total = (context.state.get(key) as Total | undefined) ?? nothing;
    const sum = total.sum - (before?.price ?? 0) + best!.price;
    const count = total.count + (before === undefined ? 1 : 0);
    context.state.put(key, { sum, count });
    context.emit(topic, { category, average: sum / count });
  }
  return winners("sql", { auctionOf, bidOf, leads });
}

/** As Beam has it: the average of what was won in the last 10 s, every 5 s. */
function sliding(): QueryHandlers {
  const auctions = winners("beam", { auctionOf, bidOf, closed });

  function closed({ auction, best }: OfCategory, context: Context): void {
    const { category, expires } = auction;
    if (best === undefined) return;
    const last = expires - 1;
    const latest = last - (last % slideMs);
    for (let start = latest; start > last - sizeMs; start -= slideMs) {
      const key = String(start);
      const totals = { ...(context.state.get(key) as Record<string, Total> | undefined) };
      const { sum, count } = totals[category] ?? nothing;
      totals[category] = { sum: sum + best.price, count: count + 1 };
      context.state.put(key, totals);
      context.timers.set("event", start + sizeMs, windowPrefix + key);
    }
  }

  function windowEnds(key: string, context: Context): void {
    const totals = context.state.get(key) as Record<string, Total>;
    context.state.delete(key);
    for (const [category, { sum, count }] of Object.entries(totals)) {
      const average = Math.round(sum / count);
      context.emit(topic, { category: Number(category), starttime: Number(key), average });
    }
  }

  return {
    ...auctions,
    timer(timer, context) {
      if (!timer.key.startsWith(windowPrefix)) auctions.timer(timer, context);
      else windowEnds(timer.key.slice(windowPrefix.length), context);
    },
  };
}
