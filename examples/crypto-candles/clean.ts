// Brings three feeds to one shape, and drops what would spoil the candles: broken rows, hours without a trade, and hours
// that another row has told already, be it of the other exchange.
import { counted, deduplicate, filter, map, pipe, to, transform } from "fedbus/consumers";

const dayMs = 86_400_000;

/** A price of an hour, in US dollars. What could not be read is null. */
export interface Price {
  readonly symbol: "BTC" | "XAU";
  /** Begin of the hour, ms since 1970. */
  readonly at: number;
  readonly open: number | null;
  readonly high: number | null;
  readonly low: number | null;
  readonly close: number | null;
  readonly volume: number | null;
}

export default transform({
  name: "market-clean",
  version: "1.0",
  topics: ["market.raw.*"],
  handle: pipe(
    map(({ event }) => {
      const isGold = event.topic.endsWith(".gold");
      return priceOf(event.msg as Row, { isGold, at: event.timestamp });
    }),
    counted(
      "broken",
      filter(({ msg }) => isSound(msg as Price)),
      { to: "market.broken" },
    ),
    counted(
      "no trades",
      filter(({ msg }) => (msg as Price).volume !== 0),
    ),
    counted("told before", deduplicate({ by: ({ msg }) => hourOf(msg as Price), withinMs: dayMs })),
    to("market.price"),
  ),
});

type Row = Readonly<Record<string, string>>;

function priceOf(row: Row, { isGold, at }: { isGold: boolean; at: number }): Price {
  const scale = isGold ? 100 : 1; // gold comes in cents
  const number = (...names: string[]): number | null => {
    const text = names.map((name) => row[name]).find((found) => found !== undefined) ?? "";
    const value = Number(text) / scale;
    return text === "" || Number.isNaN(value) ? null : value;
  };
  return {
    symbol: isGold ? "XAU" : "BTC",
    at,
    open: number("open", "Open"),
    high: number("high", "High"),
    low: number("low", "Low"),
    close: number("close", "Close"),
    volume: number("volume_btc", "VolumeFrom", "tick_volume"),
  };
}

function isSound({ open, high, low, close, volume }: Price): boolean {
  if (open === null || high === null || low === null || close === null || volume === null)
    return false;
  return low > 0 && low <= Math.min(open, close) && high >= Math.max(open, close);
}

function hourOf({ symbol, at }: Price): string {
  return `${symbol} ${at}`;
}
