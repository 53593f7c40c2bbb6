import { outputTopic, query } from "./query.js";

const topic = outputTopic("q12");
const windowMs = 10_000;

/** A bidder's bids in one window. */
interface Pane {
  readonly starttime: number;
  count: number;
}

/**
 * Windows of processing time: how many bids does a bidder make in 10 s? The time is the log's own, at
 * which an event was recorded, so that a replay counts the same. In Beam, a window starts with a
 * bidder's first bid.
 */
export default query("q12", (semantics) => ({
  bid({ bidder }, context) {
    const { state, timers } = context;
    const key = String(bidder);
    let pane = state.get(key) as Pane | undefined;
    if (pane === undefined) {
      const now = context.now();
      const starttime = semantics === "sql" ? now - (now % windowMs) : now;
      pane = { starttime, count: 0 };
      // A timer fires before what is recorded after it: the last moment of the window is due.
      timers.set("log", starttime + windowMs - 1, key);
    }
    pane.count++;
    state.put(key, pane);
  },
  timer({ key }, context) {
    const { starttime, count } = context.state.get(key) as Pane;
    context.state.delete(key);
    const result = { bidder: Number(key), bid_count: count };
    context.emit(topic, semantics === "sql" ? { ...result, starttime } : result);
  },
}));
