// A candle a day for each symbol. `hours` tells how many it was made of: where hours are missing, the feed had a gap.
import { aggregate, count, first, last, max, min, sum, tumbling } from "fedbus/consumers";

const hourMs = 3_600_000;

export default aggregate({
  name: "market-candles",
  version: "1.0",
  topics: ["market.price"],
  key: "msg.symbol",
  time: "msg.at",
  outOfOrderMs: 6 * hourMs, // rows come up to so much late
  window: tumbling({ sizeMs: 24 * hourMs }),
  accumulators: {
    open: first("msg.open"),
    high: max("msg.high"),
    low: min("msg.low"),
    close: last("msg.close"),
    volume: sum("msg.volume"),
    hours: count(),
  },
  output: "market.candle",
});
