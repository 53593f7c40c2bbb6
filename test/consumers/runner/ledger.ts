import { setImmediate } from "node:timers/promises";
import { type Context, consumer } from "../../../consumers/index.js";

/**
 * A consumer that uses everything a consumer has: state by key, tables that expire, timers of both
 * clocks, chance, waiting, and none to three outputs an event.
 */
export const ledger = consumer({
  name: "ledger",
  version: "3",
  topics: ["bank.#"],
  key: (event) => (event.msg as { account: string }).account,
  watermark: { time: (event) => (event.msg as { at: number }).at, outOfOrderMs: 50, idleMs: 200 },
  attemptsMax: 1_000_000,
  handle: (event, context) => {
    const { account, amount, at } = event.msg as { account: string; amount: number; at: number };
    const balances = context.table<number>("balances");
    const balance = (balances.get(account) ?? 0) + amount;
    balances.put(account, balance);
    context.table("recent").put(`${account}/${event.offset}`, amount, { ttlMs: 30 });
    context.timers.set("event", at - (at % 100) + 100, account);
    if (amount % 3 === 0) context.timers.set("log", context.now() + 20, `soon ${account}`);
    for (let copies = amount % 4; copies > 0; copies--)
      context.emit(
        "ledger.balance",
        { account, balance, chance: context.random() },
        { key: account },
      );
    return amount % 5 === 0 ? slowly(context, account) : undefined;
  },
  timer: ({ clock, at, key }, context) => {
    const balance = context.table<number>("balances").get(key) ?? null;
    context.emit(`ledger.${clock}`, {
      key,
      at,
      now: context.now(),
      balance,
      chance: context.random(),
    });
  },
});

async function slowly(context: Context, account: string): Promise<void> {
  await setImmediate();
  const recent: unknown[] = [];
  for await (const entry of context.table("recent").range({ prefix: `${account}/` }))
    recent.push(entry);
  context.emit("ledger.recent", { account, recent });
}
