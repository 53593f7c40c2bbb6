// Puts the closes of bitcoin and gold of one day together. Days on which only one was traded make no pair.
import type { BusEvent } from "fedbus";
import { join } from "fedbus/consumers";

interface Candle {
  readonly key: string;
  readonly window: { readonly start: number };
  readonly close: number;
}

const candle = ({ msg }: BusEvent) => msg as Candle;
const day = (event: BusEvent) => candle(event).window.start;

const side = (symbol: string) => ({
  topics: ["market.candle"],
  key: day,
  where: (event: BusEvent) => candle(event).key === symbol,
  value: (event: BusEvent) => candle(event).close,
});

export default join({
  name: "market-pairs",
  version: "1.0",
  left: side("BTC"),
  right: side("XAU"),
  within: { beforeMs: 0, afterMs: 0 },
  watermark: { time: day },
  output: (btc, gold, key) => ({ topic: "market.pair", msg: { day: Number(key), btc, gold } }),
});
