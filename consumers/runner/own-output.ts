import type { BusEvent } from "../../bus/index.js";

/**
 * Whether the consumer has put the event out itself. It is not given such events: one that reads what it
 * writes would never come to an end.
 */
export function isOwnOutput({ envelope }: BusEvent, consumer: string): boolean {
  const cause = envelope.headers?.cause as { readonly consumer?: unknown } | null | undefined;
  return cause?.consumer === consumer;
}
