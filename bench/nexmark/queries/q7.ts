import type { Bid } from "../generator/bid.js";
import { outputTopic, query } from "./query.js";

const topic = outputTopic("q7");
const windowMs = 10_000;

/** The bids that may be the highest of a window. */
interface Highest {
  /** The highest price so far; 0 while there is no bid. */
  readonly price: number;
  readonly bids: readonly Bid[];
  /** Bids at the window's very end: they lie in the next one, and are compared with both. */
  readonly edge: readonly Bid[];
}

const empty: Highest = { price: 0, bids: [], edge: [] };

/**
 * Highest bid: all bids with the highest price of their 10 s. The SQL's join takes in a window's end,
 * so a bid there can be found twice.
 */
export default query("q7", (semantics) => {
  const takesEnd = semantics === "sql";
  return {
    bid(bid, { state, timers }) {
      const sinceStart = bid.dateTime % windowMs;
      const start = bid.dateTime - sinceStart;
      const key = String(start);
      const highest = state.get(key) as Highest | undefined;
      if (highest === undefined) timers.set("event", start + windowMs + (takesEnd ? 1 : 0), key);
      const { price, bids, edge } = highest ?? empty;
      if (bid.price > price) state.put(key, { price: bid.price, bids: [bid], edge });
      else if (bid.price === price) state.put(key, { price, bids: [...bids, bid], edge });
      if (!takesEnd || sinceStart > 0) return;
      const before = String(start - windowMs);
      const ended = state.get(before) as Highest | undefined;
      if (ended === undefined) timers.set("event", start + 1, before);
      state.put(before, { ...(ended ?? empty), edge: [...(ended ?? empty).edge, bid] });
    },
    timer({ key }, context) {
      const { price, bids, edge } = context.state.get(key) as Highest;
      context.state.delete(key);
      for (const bid of bids) context.emit(topic, bid);
      for (const bid of edge) if (bid.price === price) context.emit(topic, bid);
    },
  };
});
