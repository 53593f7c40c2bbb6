import type { EventSource } from "../../bus/index.js";
import type { Consumer } from "../../consumers/index.js";
import { Deliveries } from "../../consumers/runner/redelivery.js";

/** Where a consumer's next event is, and when it was recorded. */
export interface NextEvent {
  readonly offset: number;
  /** Ms since 1970. */
  readonly recordedAt: number;
}

/** What a consumer reads: its topics, and events that it is to handle once more. */
export function patternsOf(consumer: Consumer, config: unknown): readonly string[] {
  return new Deliveries(consumer.name, consumer.topics(config)).patterns;
}

/** The first event from `from` on that one of the patterns matches; undefined if there is none yet. */
export async function nextEvent(
  source: EventSource,
  from: number,
  patterns: readonly string[],
): Promise<NextEvent | undefined> {
  const { head } = await source.info();
  for (let next = from; next < head; ) {
    const page = await source.read({ from: next, to: head, patterns, bytesMax: 1 });
    const [block] = page.blocks;
    if (block !== undefined) return { offset: block.offsetOf(0), recordedAt: block.recordedAt };
    next = page.next;
  }
  return undefined;
}

/**
 * The log's time up to which timers fire in a range that ends before `to`: when the next event was
 * recorded that the consumer reads, or at the head the log's own time. A consumer that ran live has
 * fired the same ones, whether a beacon told it the time or that event did.
 */
export async function endTime(
  source: EventSource,
  to: number,
  patterns: readonly string[],
): Promise<number | undefined> {
  // Asked first: it is a promise about all that comes after.
  const { time } = await source.info();
  return (await nextEvent(source, to, patterns))?.recordedAt ?? time;
}
