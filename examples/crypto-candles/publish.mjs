// Prints hourly prices of bitcoin, from two exchanges, and of gold, as their files have them: texts, each in its own
// way. Where the real ones are not at hand, it makes some up.
import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { printEvents } from "../input/print-events.mjs";
import { realData } from "../input/real-data.mjs";
import { seededRandom } from "../input/seeded-random.mjs";

const hourMs = 3_600_000;
const [from, to] = ["2018-07-01", "2019-07-01"];

const coinbase = realData("crypto_metals", "Coinbase_BTCUSD_1h.csv");
const rows = coinbase === undefined ? madeUp(120) : realRows();
rows.sort((a, b) => a.timestamp - b.timestamp);

await printEvents(rows.flatMap(lateOrTwice));

function realRows() {
  const bitfinex = realData("crypto_metals", "bitfinex-1h-btc-usd.csv");
  const gold = realData("crypto_metals", "XAUUSDh1.csv");
  return [
    ...rowsOf(coinbase, { topic: "market.raw.coinbase", time: "date", from_line: 2 }),
    ...rowsOf(bitfinex, { topic: "market.raw.bitfinex", time: "Date" }),
    ...rowsOf(gold, { topic: "market.raw.gold", time: "Date" }),
  ];
}

function rowsOf(path, { topic, time, ...options }) {
  return parse(readFileSync(path), { columns: true, ...options })
    .filter((row) => row[time] >= from && row[time] < to)
    .map((msg) => ({ topic, msg, timestamp: secondsOf(msg[time]) }));
}

/** Of `2019-06-30 11-PM`, `2019-06-30 23:00` and `2019-06-30 23:00:00`. */
function secondsOf(text) {
  const [, day, hour, half] = /^(\S+) (\d\d)(?:-([AP])M)?/.exec(text);
  const hours = half === undefined ? Number(hour) : (hour % 12) + (half === "P" ? 12 : 0);
  return (Date.parse(day) + hours * hourMs) / 1000;
}

/** What happens on the way: some rows come a little late, some twice, and some are broken. */
function lateOrTwice(row, index) {
  if (index % 97 === 5) return [];
  const late = index % 97 === 7 ? [rows[index - 2]] : [];
  if (index % 997 === 500)
    return [row, { ...row, msg: { ...row.msg, close: "n/a", Close: "n/a" } }];
  return index % 499 === 50 ? [row, row, ...late] : [row, ...late];
}

function madeUp(days) {
  const random = seededRandom(11);
  const start = Date.parse("2024-01-01");
  const last = { btc: 40_000, gold: 2_000 };
  const move = (name, scale) => {
    const open = last[name];
    last[name] = open * (1 + (random() - 0.5) * scale);
    const [low, high] = [open, last[name]].sort((a, b) => a - b);
    return { open, high: high * 1.001, low: low * 0.999, close: last[name] };
  };
  return Array.from({ length: days * 24 }, (_, hour) => {
    const time = new Date(start + hour * hourMs);
    const timestamp = time / 1000;
    const Date_ = time.toISOString().slice(0, 19).replace("T", " ");
    const btc = move("btc", 0.02);
    const bitfinex = {
      ...{ Date: Date_.slice(0, 16), Symbol: "BTCUSD", Open: `${btc.open}`, High: `${btc.high}` },
      ...{ Low: `${btc.low}`, Close: `${btc.close}`, VolumeFrom: hour % 211 === 0 ? "0" : "5.5" },
    };
    const gold = Object.entries(move("gold", 0.004)).map(([name, usd]) => [name, `${usd * 100}`]);
    const isOpen = time.getUTCDay() % 6 !== 0;
    return [
      { topic: "market.raw.bitfinex", msg: bitfinex, timestamp },
      ...(isOpen
        ? [
            {
              topic: "market.raw.gold",
              msg: { Date: Date_, ...Object.fromEntries(gold), tick_volume: "9" },
              timestamp,
            },
          ]
        : []),
    ];
  }).flat();
}
