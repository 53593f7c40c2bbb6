import type { EventSource } from "../../bus/index.js";
import { isFedbusError } from "../../schemas/index.js";
import { Deliveries } from "../runner/redelivery.js";

/** Offsets that are looked through for events that a consumer is given; more are all taken for such. */
const lookedThroughMax = 10_000;

/**
 * The offset after the last event from `from` to before `to` that the consumer will be given: its own
 * outputs are not, though its topics match them. `from` if there is none. What cannot be read counts.
 */
export async function givenEnd(
  source: EventSource,
  { name, topics }: { readonly name: string; readonly topics: readonly string[] },
  { from, to }: { readonly from: number; readonly to: number },
): Promise<number> {
  if (topics.length === 0 || to - from > lookedThroughMax) return to;
  const deliveries = new Deliveries(name, topics);
  let end = from;
  try {
    for (let at = from; at < to; ) {
      const { blocks, next } = await source.read({ from: at, to, patterns: deliveries.patterns });
      for (const run of deliveries.inAll(blocks))
        for (const { offset } of run) end = Math.max(end, offset + 1);
      at = next;
    }
  } catch (error) {
    if (!isFedbusError(error)) throw error;
    return to;
  }
  return end;
}
