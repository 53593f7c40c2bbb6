import type { EventSource } from "../../bus/index.js";

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
  const { head, time } = await source.info();
  for (let from = to; from < head; ) {
    const { blocks, next } = await source.read({ from, to: head, patterns, bytesMax: 1 });
    if (blocks[0] !== undefined) return blocks[0].recordedAt;
    from = next;
  }
  return time;
}
