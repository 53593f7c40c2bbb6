import { outputTopic, query } from "./query.js";

const topic = outputTopic("q11");
const gapMs = 10_000;

/** Bids of one bidder, each less than a gap behind the one before. */
interface Session {
  count: number;
  start: number;
  /** A gap after the last bid. */
  end: number;
}

/**
 * User sessions: how many bids does a bidder make until they pause for 10 s? As Flink has it, a bid
 * at the very end of a session still belongs to it; as Beam has it, it does not.
 */
export default query("q11", (semantics) => {
  const touch = semantics === "sql" ? 0 : 1;
  /** From this time on, no bid can belong to the session. */
  const closesAt = ({ end }: Session) => end + 1 - touch;

  /** The sessions with one more bid, which may have joined some of them. */
  function extended(sessions: readonly Session[], time: number): Session[] {
    const merged: Session = { count: 1, start: time, end: time + gapMs };
    const apart: Session[] = [];
    for (const session of sessions) {
      if (session.start + touch > merged.end || merged.start + touch > session.end) {
        apart.push(session);
        continue;
      }
      merged.count += session.count;
      merged.start = Math.min(merged.start, session.start);
      merged.end = Math.max(merged.end, session.end);
    }
    apart.push(merged);
    return apart;
  }

  return {
    bid({ bidder, dateTime }, { state, timers }) {
      const key = String(bidder);
      const before = (state.get(key) as Session[] | undefined) ?? [];
      const sessions = extended(before, dateTime);
      state.put(key, sessions);
      // The timer of a session that has become longer is set again when it fires.
      if (sessions.length > before.length) timers.set("event", closesAt(sessions.at(-1)!), key);
    },
    timer({ at, key }, context) {
      const open: Session[] = [];
      for (const session of (context.state.get(key) ?? []) as Session[]) {
        if (closesAt(session) > at) {
          open.push(session);
          context.timers.set("event", closesAt(session), key);
          continue;
        }
        const { count, start, end } = session;
        const result = { bidder: Number(key), bid_count: count, starttime: start, endtime: end };
        context.emit(topic, result);
      }
      if (open.length > 0) context.state.put(key, open);
      else context.state.delete(key);
    },
  };
});
