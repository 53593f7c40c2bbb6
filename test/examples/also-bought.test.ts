import type { Envelope } from "../../schemas/index.js";
import { testExample } from "./example.js";

interface Recommendation {
  readonly name: string;
  readonly baskets: number;
  readonly also: readonly {
    readonly item: string;
    readonly name: string;
    readonly share: number;
  }[];
}

const gapMs = 5 * 60_000;

testExample("also-bought", "online_retail", async (t, { input, bodies, table }) => {
  const { baskets, dropped } = basketsOf(input);
  t.strictSame(Object.fromEntries(await table("shop-clean", "dropped")), dropped);
  t.ok(Object.keys(dropped).length >= 4);

  const published = bodies<{ key: string; items: readonly { item: string }[] }>("shop.basket");
  t.strictSame(
    published.map(({ items }) => items.map(({ item }) => item).join()).sort(),
    baskets.map((items) => items.join()).sort(),
  );
  const sizes = (isWanted: (size: number) => boolean) =>
    baskets.filter(({ length }) => isWanted(length)).length;
  const passedOver = await table<number>("also-bought", "passed-over");
  t.equal(
    passedOver.get("a single item") ?? 0,
    sizes((size) => size === 1),
  );
  t.equal(
    passedOver.get("a purchase in bulk") ?? 0,
    sizes((size) => size > 60),
  );

  const useful = baskets.filter(({ length }) => length > 1 && length <= 60);
  const recommended = await table<Recommendation>("also-bought");
  t.equal(recommended.size, new Set(useful.flat()).size, "each item has recommendations");
  for (const [item, { baskets, also }] of recommended) {
    const own = useful.filter((basket) => basket.includes(item));
    if (own.length !== baskets) t.fail(`baskets with ${item}`);
    const best = sharesBeside(item, own).slice(0, 5);
    const found = also.map(({ share }) => share);
    if (best.map(([, share]) => share).join() !== found.join()) t.fail(`shares beside ${item}`);
    for (const { item: other, share } of also)
      if (share !== toShare(own.filter((basket) => basket.includes(other)).length, own.length))
        t.fail(`${other} beside ${item}`);
  }
  t.ok([...recommended.values()].some(({ also }) => also.length === 5));
});

/** Items of each invoice in order, and how many lines were dropped why. */
function basketsOf(input: readonly Envelope[]) {
  const dropped: Record<string, number> = {};
  const lines = new Map<string, { readonly items: string[]; last: number }[]>();
  const seen = new Set<string>();
  let newest = 0;
  for (const { msg, timestamp } of input) {
    const { InvoiceNo, StockCode, Quantity, UnitPrice } = msg as Record<string, string>;
    const name = `${InvoiceNo}/${StockCode}`;
    let reason = seen.has(name) ? "twice" : undefined;
    if (Number.parseFloat(UnitPrice!) <= 0) reason = "for nothing";
    if (!/^[0-9]{5}/.test(StockCode!)) reason = "no article";
    if (Number.parseInt(Quantity!, 10) <= 0) reason = "taken back";
    if (InvoiceNo![0] === "C") reason = "cancelled";
    if (reason !== undefined) {
      dropped[reason] = (dropped[reason] ?? 0) + 1;
      continue;
    }
    seen.add(name);
    const at = Math.round(timestamp! * 1000);
    newest = Math.max(newest, at);
    const own = lines.get(InvoiceNo!) ?? [];
    lines.set(InvoiceNo!, own);
    const open = own.at(-1);
    if (open !== undefined && at < open.last + gapMs) {
      open.items.push(StockCode!);
      open.last = at;
    } else own.push({ items: [StockCode!], last: at });
  }
  const closed = [...lines.values()].flat().filter(({ last }) => last + gapMs <= newest);
  return { baskets: closed.map(({ items }) => items), dropped };
}

function sharesBeside(item: string, baskets: readonly (readonly string[])[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const other of baskets.flat()) counts.set(other, (counts.get(other) ?? 0) + 1);
  counts.delete(item);
  return [...counts]
    .map(([other, count]): [string, number] => [other, toShare(count, baskets.length)])
    .sort(([, a], [, b]) => b - a);
}

function toShare(count: number, of: number): number {
  return Math.round((count / of) * 1000) / 1000;
}
