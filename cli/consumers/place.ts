import type { Bus } from "../../bus/index.js";
import { type ConsumerControl, controlOf, existingHome } from "../../consumers/index.js";
import { type Target, withBus } from "../bus-for.js";
import type { Context } from "../context.js";

/** The directory that consumers keep their state below: the log's own, unless another is named. */
export async function consumersDir(bus: Bus, { where }: Context): Promise<string> {
  return where.dirGiven ? where.dir : ((await bus.stats()).dir ?? where.dir);
}

/** Runs `work` on one consumer, running or not. Rejects with CONSUMER_UNKNOWN, too. */
export async function withConsumer<Result>(
  name: string,
  context: Context,
  work: (control: ConsumerControl, target: Target) => Promise<Result>,
): Promise<Result> {
  return await withBus(context.where, async (target) => {
    const { bus } = target;
    const consumer = await existingHome(await consumersDir(bus, context), name);
    return await work(await controlOf(consumer, bus.source), target);
  });
}
