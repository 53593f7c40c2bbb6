import type { Context } from "../../../consumers/index.js";
import { outputTopic, query } from "./query.js";
import { winners } from "./winners.js";

const topic = outputTopic("q6");
const lastSold = 10;

/** What somebody has sold. */
interface Sale {
  readonly auction: number;
  readonly price: number;
  /** Of the winning bid. */
  readonly dateTime: number;
}

/**
 * Average selling price by seller, over their last sales by the time of the winning bid. The SQL
 * gives each sale an average over itself and the ten before it, so one that becomes known late changes
 * those of up to ten others. Beam gives each closing auction the average of the ten latest.
 */
export default query("q6", (semantics) =>
  winners(semantics, {
    auctionOf: ({ id, seller, dateTime, expires, reserve }) => {
      return { id, seller, dateTime, expires, reserve };
    },
    bidOf: ({ price, dateTime }) => ({ price, dateTime }),
    closed({ auction, best }, context) {
      if (best === undefined) return;
      const sale = { auction: auction.id, ...best };
      const report = semantics === "sql" ? inOrder : latest;
      report(String(auction.seller), sale, context);
    },
  }),
);

function inOrder(seller: string, sale: Sale, context: Context): void {
  const sales = [...((context.state.get(seller) ?? []) as Sale[])];
  const place = sales.findIndex(({ dateTime, auction }) =>
    dateTime === sale.dateTime ? auction > sale.auction : dateTime > sale.dateTime,
  );
  const index = place === -1 ? sales.length : place;
  sales.splice(index, 0, sale);
  context.state.put(seller, sales);
  for (let at = index; at < Math.min(index + lastSold + 1, sales.length); at++) {
    const average = averageOf(sales.slice(Math.max(at - lastSold, 0), at + 1));
    context.emit(topic, { seller: Number(seller), auction: sales[at]!.auction, average });
  }
}

function latest(seller: string, sale: Sale, context: Context): void {
  const sales = [...((context.state.get(seller) ?? []) as Sale[]), sale]
    .sort((a, b) => a.dateTime - b.dateTime || a.price - b.price)
    .slice(-lastSold);
  context.state.put(seller, sales);
  const average = Math.round(averageOf(sales));
  context.emit(topic, { seller: Number(seller), auction: sale.auction, average });
}

function averageOf(sales: readonly Sale[]): number {
  return sales.reduce((sum, { price }) => sum + price, 0) / sales.length;
}
