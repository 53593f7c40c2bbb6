import { outputTopic, query } from "./query.js";

const topic = outputTopic("q5");
const sizeMs = 10_000;

/** Bids of a slice of time, by auction. */
type Counts = Record<string, number>;

/**
 * Hot items: the auctions with the most bids in the last 10 s, every 2 s (in Beam, every 5). Bids are
 * counted once, in slices as long as the slide; a window is the sum of its slices.
 */
export default query("q5", (semantics) => {
  const slideMs = semantics === "sql" ? 2_000 : 5_000;
  return {
    bid({ auction, dateTime }, { state, timers }) {
      const start = dateTime - (dateTime % slideMs);
      const key = String(start);
      let counts = state.get(key) as Counts | undefined;
      if (counts === undefined) {
        counts = {};
        for (let end = start + slideMs; end <= start + sizeMs; end += slideMs)
          timers.set("event", end, "");
      }
      counts[auction] = (counts[auction] ?? 0) + 1;
      state.put(key, counts);
    },
    timer({ at: end }, context) {
      const starttime = end - sizeMs;
      const slices: Counts[] = [];
      for (let start = starttime; start < end; start += slideMs)
        slices.push((context.state.get(String(start)) ?? {}) as Counts);
      for (const [auction, num] of highest(slices))
        context.emit(topic, { auction: Number(auction), num, starttime });
      context.state.delete(String(starttime));
    },
  };
});

/** Who has the most bids in all slices together, with their number. */
function highest(slices: readonly Counts[]): [auction: string, num: number][] {
  const sums = new Map<string, number>();
  for (const counts of slices)
    for (const [auction, num] of Object.entries(counts))
      sums.set(auction, (sums.get(auction) ?? 0) + num);
  const most = [...sums.values()].reduce((a, b) => Math.max(a, b), 0);
  return [...sums].filter(([, num]) => num === most);
}
