// Puts the items of an invoice together: they come within minutes of each other.
import { type Accumulator, aggregate, session } from "fedbus/consumers";
import type { Sold } from "./clean.js";

export interface Item {
  readonly item: string;
  readonly name: string;
}

const items: Accumulator<Item[], readonly Item[]> = {
  create: () => [],
  add(found, { msg }) {
    const { item, name } = msg as Sold;
    found.push({ item, name });
    return found;
  },
  merge: (into, from) => [...into, ...from],
  result: (found) => found,
};

export default aggregate({
  name: "shop-baskets",
  version: "1.0",
  topics: ["shop.sold"],
  key: "msg.invoice",
  time: "msg.at",
  window: session({ gapMs: 5 * 60_000 }),
  accumulators: { items },
  output: "shop.basket",
});
