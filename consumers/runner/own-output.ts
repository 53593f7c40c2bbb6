import type { BusEvent } from "../../bus/index.js";
import { isProducerOf } from "../home/producer-name.js";

/** Header of an output that takes the place of another of the same consumer: that one's offset. */
export const correctsHeader = "corrects";

/**
 * Whether the consumer has put the event out itself. It is not given such events: one that reads what it
 * writes would never come to an end. Who published counts, and not only what the event claims; a log need
 * not say who published.
 */
export function isOwnOutput(event: BusEvent, consumer: string): boolean {
  const cause = event.envelope.headers?.cause as { readonly consumer?: unknown } | null | undefined;
  // First what is at hand: nearly all events name no cause, or another's.
  if (cause?.consumer !== consumer) return false;
  const { published } = event;
  return published === undefined || isProducerOf(published.by, consumer);
}
