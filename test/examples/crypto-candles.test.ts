import type { Envelope } from "../../schemas/index.js";
import { isCloseTo } from "./close-to.js";
import { testExample } from "./example.js";

interface Result {
  readonly key: string;
  readonly window: { readonly start: number; readonly end: number };
  readonly [accumulator: string]: unknown;
}

interface Hour {
  readonly symbol: string;
  readonly at: number;
  readonly prices: readonly number[];
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

testExample("crypto-candles", "crypto_metals", async (t, { input, bodies, table }) => {
  const { hours, dropped } = clean(input);
  t.strictSame(Object.fromEntries(await table("market-clean", "dropped")), dropped);
  t.ok(dropped.broken! > 0 && dropped["told before"]! > 0 && dropped["no trades"]! > 0);
  t.equal(bodies("market.broken").length, dropped.broken);
  t.ok(
    hours.some(({ at }, index) => at < (hours[index - 1]?.at ?? 0)),
    "some come late",
  );

  const candles = candlesOf(hours);
  const found = bodies<Result>("market.candle").map((candle) => {
    const { key, window, open, high, low, close, hours } = candle;
    return [key, window.start, open, high, low, close, hours];
  });
  t.strictSame([...found].sort(byDay), candles.sort(byDay));
  t.ok(found.length > 60);
  t.strictSame(bodies("market.candle.late"), [], "none was too late");

  const averages = bodies<Result>("market.average");
  for (const symbol of ["BTC", "XAU"]) {
    const closes = candles.filter(([key]) => key === symbol).map((candle) => Number(candle[5]));
    const own = averages.filter(({ key }) => key === symbol);
    t.equal(own.length, closes.length - 19, `${symbol}: an average a day, from the twentieth on`);
    for (const [index, { average, deviation }] of own.entries()) {
      const last = closes.slice(index, index + 20);
      const mean = last.reduce((sum, close) => sum + close) / 20;
      const squares = last.reduce((sum, close) => sum + (close - mean) ** 2, 0);
      if (!isCloseTo(average, mean)) t.fail(`average ${symbol} ${index}`);
      if (!isCloseTo(deviation, Math.sqrt(squares / 20))) t.fail(`deviation ${symbol} ${index}`);
    }
  }
  const expected = correlationsOf(candles);
  const correlations = bodies<Result>("market.correlation").map((result) => result.correlation);
  t.equal(correlations.length, expected.length);
  t.ok(expected.length > 20);
  t.ok(correlations.every((value, index) => isCloseTo(value, expected[index])));
});

function clean(input: readonly Envelope[]) {
  const dropped: Record<string, number> = {};
  const drop = (reason: string) => {
    dropped[reason] = (dropped[reason] ?? 0) + 1;
    return [];
  };
  const seen = new Set<string>();
  const hours = input.flatMap(({ topic, msg, timestamp }): Hour[] => {
    const row = Object.fromEntries(
      Object.entries(msg as Record<string, string>).map(([name, text]) => [
        name.toLowerCase(),
        text,
      ]),
    );
    const isGold = topic === "market.raw.gold";
    const texts = [row.open, row.high, row.low, row.close];
    const prices = texts.map((text) => Number.parseFloat(text!) / (isGold ? 100 : 1));
    if (prices.some(Number.isNaN)) return drop("broken");
    if (Number(row.volume_btc ?? row.volumefrom ?? row.tick_volume) === 0) return drop("no trades");
    const hour = { symbol: isGold ? "XAU" : "BTC", at: Math.round(timestamp! * 1000), prices };
    const name = `${hour.symbol} ${hour.at}`;
    if (seen.has(name)) return drop("told before");
    seen.add(name);
    return [hour];
  });
  return { hours, dropped };
}

/** Symbol, day, open, high, low, close, hours of each day that is complete for sure. */
function candlesOf(hours: readonly Hour[]): (string | number)[][] {
  const complete = Math.max(...hours.map(({ at }) => at)) - 6 * hourMs;
  const days = new Map<string, Hour[]>();
  for (const hour of hours) {
    const day = Math.floor(hour.at / dayMs) * dayMs;
    if (day + dayMs > complete) continue;
    const name = `${hour.symbol} ${day}`;
    days.set(name, [...(days.get(name) ?? []), hour]);
  }
  return [...days].map(([name, own]) => {
    const [symbol, day] = name.split(" ") as [string, string];
    const sorted = own.sort((a, b) => a.at - b.at).map(({ prices }) => prices);
    const high = Math.max(...sorted.map((prices) => prices[1]!));
    const low = Math.min(...sorted.map((prices) => prices[2]!));
    return [symbol, Number(day), sorted[0]![0]!, high, low, sorted.at(-1)![3]!, own.length];
  });
}

function byDay(a: readonly unknown[], b: readonly unknown[]): number {
  return Number(a[1]) - Number(b[1]) || (String(a[0]) < String(b[0]) ? -1 : 1);
}

function correlationsOf(candles: readonly (readonly (string | number)[])[]): number[] {
  const closes = (symbol: string) =>
    new Map(candles.filter(([key]) => key === symbol).map((candle) => [candle[1], candle[5]]));
  const gold = closes("XAU");
  const both = [...closes("BTC")].filter(([day]) => gold.has(day));
  const logs = both
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([day, btc]) => [Math.log(Number(btc)), Math.log(Number(gold.get(day)))] as const);
  return logs.slice(30).map((_, index) => {
    const last = logs.slice(index, index + 31);
    const moves = last.slice(1).map(([x, y], at) => [x - last[at]![0], y - last[at]![1]] as const);
    const sum = (of: (move: readonly [number, number]) => number) =>
      moves.reduce((total, move) => total + of(move), 0);
    const [x, y, n] = [sum(([x]) => x), sum(([, y]) => y), moves.length];
    const [xx, yy, xy] = [sum(([x]) => x * x), sum(([, y]) => y * y), sum(([x, y]) => x * y)];
    return (n * xy - x * y) / Math.sqrt((n * xx - x * x) * (n * yy - y * y));
  });
}
