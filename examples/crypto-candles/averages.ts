// The moving average of the last twenty closes, and how far they spread around it (together: Bollinger's bands).
import { aggregate, countWindow, last, mean, stddev } from "fedbus/consumers";

export default aggregate({
  name: "market-averages",
  version: "1.0",
  topics: ["market.candle"],
  key: "msg.key",
  time: "msg.window.start",
  window: countWindow({ size: 20, slide: 1 }),
  accumulators: {
    close: last("msg.close"),
    average: mean("msg.close"),
    deviation: stddev("msg.close", { of: "population" }),
  },
  output: "market.average",
});
