import type { BusEvent, EventSource } from "../../bus/index.js";
import { type Redelivery, redeliveryIn, retryTopic } from "../../consumers/runner/redelivery.js";
import { eventAt } from "./event-at.js";

/** What an event on the retry topic gives a consumer once more. */
export interface Retried extends Pick<Redelivery, "consumer" | "deadLetter"> {
  /** Where it says that the event lies. */
  readonly offset: number;
  /** The event there; absent if retention has removed it. */
  readonly event?: BusEvent;
  /** Whether that is what the retry carries: anybody can publish one. What is gone cannot be told. */
  readonly isProven: boolean;
}

/** What a retry gives once more; undefined for other events, and for what no consumer takes for a retry. */
export async function retriedBy(
  source: EventSource,
  { topic, msg, offset: at }: BusEvent,
): Promise<Retried | undefined> {
  if (topic !== retryTopic) return undefined;
  const retry = redeliveryIn(msg);
  // What failed lies before its retry.
  if (retry === undefined || retry.event < 0 || retry.event >= at) return undefined;
  const { consumer, deadLetter, event: offset, original } = retry;
  const event = await eventAt(source, offset);
  // As text: a retry's original has been through JSON once more.
  const isProven =
    event === undefined || JSON.stringify(event.envelope) === JSON.stringify(original);
  return { consumer, deadLetter, offset, isProven, ...(event !== undefined && { event }) };
}
