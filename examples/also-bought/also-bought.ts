// Who bought this also bought: for each item the five that were most often in the same basket.
import { type Context, consumer } from "fedbus/consumers";
import type { Item } from "./baskets.js";

/** Larger baskets are a shop's own purchase: they say little about taste, and have very many pairs. */
const basketItemsMax = 60;
const recommendationsMax = 5;

/** What is known of an item: how many baskets had it, and how many of those had each other item. */
interface Known {
  readonly name: string;
  baskets: number;
  readonly together: Record<string, number>;
}

export default consumer({
  name: "also-bought",
  version: "1.0",
  topics: ["shop.basket"],
  handle({ msg }, context) {
    const { items } = msg as { readonly items: readonly Item[] };
    if (items.length === 1) return raise(context, "a single item");
    if (items.length > basketItemsMax) return raise(context, "a purchase in bulk");
    for (const one of items) note(one, items, context);
    for (const { item } of items) context.state.put(item, recommendations(item, context));
  },
});

function note({ item, name }: Item, items: readonly Item[], { table }: Context): void {
  const known = table<Known>("known");
  const record = known.get(item) ?? { name, baskets: 0, together: {} };
  record.baskets++;
  for (const { item: other } of items)
    if (other !== item) record.together[other] = (record.together[other] ?? 0) + 1;
  known.put(item, record);
}

/** The others by how often they were there too; `share` of the item's baskets. */
function recommendations(item: string, { table }: Context): object {
  const known = table<Known>("known");
  const { name, baskets, together } = known.get(item)!;
  const also = Object.entries(together)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, recommendationsMax)
    .map(([other, count]) => {
      return {
        item: other,
        name: known.get(other)!.name,
        share: Number((count / baskets).toFixed(3)),
      };
    });
  return { name, baskets, also };
}

function raise({ table }: Context, reason: string): void {
  const counts = table<number>("passed-over");
  counts.put(reason, (counts.get(reason) ?? 0) + 1);
}
