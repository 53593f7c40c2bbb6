import { Block, type Bus, type OpenBusOptions, openBus } from "../../bus/index.js";
import { hashState, outboxBatches, type StateStore } from "../../consumers/index.js";
import { below } from "../bus/seed.js";

/** The log's time at which the first of the events is recorded. */
const startAt = 1_700_000_000_000;

/** A bus with `count` events for the ledger, and some for nobody, over some seconds of the log's time. */
export async function busOfDeposits(
  random: () => number,
  count: number,
  options: OpenBusOptions = {},
): Promise<Bus> {
  let now = startAt;
  const bus = await openBus({ ...options, clock: () => now });
  await using publisher = bus.publisher();
  for (let sent = 0; sent < count; ) {
    const events = Array.from({ length: Math.min(count - sent, 1 + below(random, 40)) }, () => ({
      topic: below(random, 10) === 0 ? "other" : `bank.${below(random, 3)}`,
      msg: {
        account: `a${below(random, 8)}`,
        amount: below(random, 100),
        at: now - below(random, 80),
      },
    }));
    await publisher.publishMany(events);
    sent += events.length;
    now += below(random, 60);
  }
  now += 1_000;
  return bus;
}

/** The bytes of all outputs in a store, and the hash of its tables and timers. */
export async function contentsOf(store: StateStore) {
  const outputs: string[] = [];
  for await (const { block, count } of outboxBatches(store))
    for (let index = 0; index < count; index++)
      outputs.push(Block.decode(block).bytesOf(index).toString());
  return { outputs, hash: await hashState(store, startAt + 3_600_000) };
}
