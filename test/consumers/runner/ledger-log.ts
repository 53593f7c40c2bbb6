import { Block, type Bus } from "../../../bus/index.js";
import {
  boundedFeed,
  hashState,
  outboxBatches,
  Runner,
  type RunnerLimits,
  type StateHash,
  StateStore,
} from "../../../consumers/index.js";
import { readCheckpoint } from "../../../consumers/runner/checkpoint.js";
import { below } from "../../bus/seed.js";
import { eventsOn } from "../running.js";
import { ledger } from "./ledger.js";

/** Publishes random deposits. */
export async function deposit(bus: Bus, random: () => number, count: number): Promise<void> {
  const events = Array.from({ length: count }, () => ({
    topic: `bank.${below(random, 3)}`,
    msg: {
      account: `a${below(random, 8)}`,
      amount: below(random, 100),
      at: Date.now() - below(random, 80),
    },
  }));
  await using publisher = bus.publisher();
  await publisher.publishMany(events);
}

/** The last event, whose timers come when the stream has gone quiet; resolves when they have. */
export async function settle(bus: Bus): Promise<number> {
  await using publisher = bus.publisher();
  await publisher.publish("bank.end", { account: "end", amount: 3, at: Date.now() });
  for (;;) {
    const outputs = await eventsOn(bus, "ledger.event", "ledger.log");
    const keys = outputs.map(({ msg }) => (msg as { key: string }).key);
    if (keys.includes("end") && keys.includes("soon end")) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return await publisher.publish("other", {});
}

/** What the ledger came to. */
export interface Balance {
  readonly outputs: readonly string[];
  readonly hash: StateHash;
  readonly handled: number;
}

/** What the log holds up to `to`, handled from the beginning by nobody who is disturbed. */
export async function undisturbed(
  dir: string,
  bus: Bus,
  to: number,
  limits: Partial<RunnerLimits> = {},
): Promise<Balance> {
  const store = await StateStore.open(dir, { durable: false });
  const feed = boundedFeed(bus.source, to);
  await new Runner({ consumer: ledger, config: {}, store, source: bus.source, feed, limits }).run();
  const outputs: string[] = [];
  for await (const { block, count } of outboxBatches(store))
    for (let index = 0; index < count; index++)
      outputs.push(Block.decode(block).bytesOf(index).toString());
  return { outputs, ...(await balanceIn(store)) };
}

/** What is in a store, which is closed then. */
export async function balanceIn(store: StateStore): Promise<Omit<Balance, "outputs">> {
  const hash = await hashState(store, Date.now() + 1_000);
  const { totals } = (await readCheckpoint(store))!;
  await store.close();
  return { hash, handled: totals.handled };
}
