// How bitcoin and gold moved together: Pearson's correlation of their last 30 daily returns, anew each day.
import { type Accumulator, aggregate, countWindow } from "fedbus/consumers";

type Closes = readonly [btc: number, gold: number];

/** An accumulator of one's own: four functions, and a state that is JSON. */
const correlation: Accumulator<Closes[], number | null> = {
  create: () => [],
  add(closes, { msg }) {
    const { btc, gold } = msg as { readonly btc: number; readonly gold: number };
    closes.push([btc, gold]);
    return closes;
  },
  merge: (into, from) => [...into, ...from],
  result(closes) {
    const returns = closes.slice(1).map(([btc, gold], index) => {
      const [btcBefore, goldBefore] = closes[index]!;
      return [Math.log(btc / btcBefore), Math.log(gold / goldBefore)] as const;
    });
    return pearson(returns);
  },
};

function pearson(pairs: readonly Closes[]): number | null {
  const mean = (at: 0 | 1) => pairs.reduce((sum, pair) => sum + pair[at], 0) / pairs.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  let [xx, yy, xy] = [0, 0, 0];
  for (const [x, y] of pairs) {
    xx += (x - meanX) ** 2;
    yy += (y - meanY) ** 2;
    xy += (x - meanX) * (y - meanY);
  }
  return xx === 0 || yy === 0 ? null : xy / Math.sqrt(xx * yy);
}

export default aggregate({
  name: "market-correlation",
  version: "1.0",
  topics: ["market.pair"],
  time: "msg.day",
  window: countWindow({ size: 31, slide: 1 }),
  accumulators: { correlation },
  output: "market.correlation",
});
