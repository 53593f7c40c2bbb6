import type { EventSource } from "../../bus/index.js";
import { isFedbusError } from "../../schemas/index.js";
import { Deliveries } from "../runner/redelivery.js";

/** Offsets at the end that are looked through, in so many steps: most often the last few tell. */
const lookedThrough = [100, 1_000, 10_000] as const;

/**
 * The offset after the last event from `from` to before `to` that the consumer will be given: its own
 * outputs are not, though its topics match them. `from` if there is none. What lies further back than the
 * last 10,000 offsets is taken to be given, and so is what cannot be read.
 */
export async function givenEnd(
  source: EventSource,
  { name, topics }: { readonly name: string; readonly topics: readonly string[] },
  { from, to }: { readonly from: number; readonly to: number },
): Promise<number> {
  if (topics.length === 0) return to;
  const deliveries = new Deliveries(name, topics);
  let end = to;
  for (const back of lookedThrough) {
    if (end <= from) return from;
    const start = Math.max(from, to - back);
    const found = await lastGiven(source, deliveries, { from: start, to: end });
    if (found !== undefined) return found + 1;
    end = start;
  }
  return Math.max(from, end);
}

/** The last offset in the range that is given; of one that cannot be read, its last. */
async function lastGiven(
  source: EventSource,
  deliveries: Deliveries,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<number | undefined> {
  let last: number | undefined;
  try {
    for (let at = from; at < to; ) {
      const { blocks, next } = await source.read({ from: at, to, patterns: deliveries.patterns });
      for (const run of deliveries.inAll(blocks)) last = run.at(-1)?.offset ?? last;
      at = next;
    }
  } catch (error) {
    if (!isFedbusError(error)) throw error;
    return to - 1;
  }
  return last;
}
