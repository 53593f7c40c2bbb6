// Puts to each transaction what is known of its card and its terminal by then: over a day, a week and 30 days.
import { type Context, consumer, type Table } from "fedbus/consumers";
import { numbersOf, type Point, trailOf } from "./trails.js";

export interface Transaction {
  readonly tx: string;
  readonly customer: string;
  readonly terminal: string;
  readonly amount: number;
}

interface Report {
  readonly tx: string;
}

/** Transactions become frauds in the books only when somebody has noticed: terminals are judged by what is that old. */
const noticedAfterMs = 7 * 86_400_000;

const sinceKey = "since";

export default consumer({
  name: "card-features",
  version: "1.0",
  topics: ["card.transaction", "card.reported"],
  handle({ topic, msg, timestamp: at }, context) {
    if (topic === "card.transaction") enrich(msg as Transaction, at, context);
    else confirm((msg as Report).tx, at, context);
  },
});

function enrich(transaction: Transaction, at: number, context: Context): void {
  const { tx, customer, terminal, amount } = transaction;
  const [cards, terminals] = tablesOf(context);
  const own = trailOf(cards, customer, at);
  const there = trailOf(terminals, terminal, at, noticedAfterMs);
  const since = (context.state.get(sinceKey) as number | undefined) ?? at;
  if (since === at) context.state.put(sinceKey, at);
  // Of the first ones nobody could know the terminals: they are history, and nothing more.
  if (at >= since + noticedAfterMs)
    context.emit("card.enriched", {
      ...{ tx, at, amount },
      ...{ night: isNight(at), weekend: isWeekend(at) },
      ...numbersOf(own, at, "card"),
      ...numbersOf(there, at - noticedAfterMs, "terminal"),
    });
  cards.put(customer, [...own, [at, amount]]);
  terminals.put(terminal, [...there, [at, 0]]);
  context.table("transactions").put(tx, [terminal, at]);
}

/** A holder has noticed a fraud. The model's trainer hears of it after all transactions that came before. */
function confirm(tx: string, at: number, context: Context): void {
  const known = context.table("transactions").get(tx) as [terminal: string, at: number] | undefined;
  if (known === undefined) return;
  const [terminal, then] = known;
  const [, terminals] = tablesOf(context);
  const points = terminals.get(terminal) ?? [];
  terminals.put(
    terminal,
    points.map(([time, value]): Point => [time, time === then ? 1 : value]),
  );
  context.table("transactions").delete(tx);
  context.emit("card.confirmed", { tx, at });
}

function tablesOf(context: Context): readonly [cards: Table<Point[]>, terminals: Table<Point[]>] {
  return [context.table<Point[]>("cards"), context.table<Point[]>("terminals")];
}

function isNight(at: number): boolean {
  return new Date(at).getUTCHours() <= 6;
}

function isWeekend(at: number): boolean {
  return new Date(at).getUTCDay() % 6 === 0;
}
