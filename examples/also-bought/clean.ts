// Makes of a line of an invoice an item sold, and drops what tells nothing about what people like.
import { counted, deduplicate, filter, map, pipe, to, transform } from "fedbus/consumers";

const dayMs = 86_400_000;

interface Line {
  readonly InvoiceNo: string;
  readonly StockCode: string;
  readonly Description: string;
  readonly Quantity: string;
  readonly UnitPrice: string;
}

export interface Sold {
  readonly at: number;
  readonly invoice: string;
  readonly item: string;
  readonly name: string;
}

const only = (keep: (line: Line) => boolean) => filter(({ msg }) => keep(msg as Line));
const nameOf = ({ InvoiceNo, StockCode }: Line) => `${InvoiceNo} ${StockCode}`;

export default transform({
  name: "shop-clean",
  version: "1.0",
  topics: ["shop.line"],
  handle: pipe(
    counted(
      "cancelled",
      only(({ InvoiceNo }) => !InvoiceNo.startsWith("C")),
    ),
    counted(
      "taken back",
      only(({ Quantity }) => Number(Quantity) > 0),
    ),
    counted(
      "no article",
      only(({ StockCode }) => /^\d{5}/.test(StockCode)),
    ),
    counted(
      "for nothing",
      only(({ UnitPrice }) => Number(UnitPrice) > 0),
    ),
    counted("twice", deduplicate({ by: ({ msg }) => nameOf(msg as Line), withinMs: dayMs })),
    map(({ event, msg }): Sold => {
      const { InvoiceNo, StockCode, Description } = msg as Line;
      return { at: event.timestamp, invoice: InvoiceNo, item: StockCode, name: Description };
    }),
    to("shop.sold"),
  ),
});
