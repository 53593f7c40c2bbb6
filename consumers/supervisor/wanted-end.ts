import type { EventSource } from "../../bus/index.js";

/**
 * The offset after the last event of the log on topics that `patterns` match, from the log's index of
 * topics; 0 if there is none. No patterns: nothing is known of what is wanted, so it is the head.
 */
export async function wantedEnd(
  source: EventSource,
  patterns: readonly string[],
  head: number,
): Promise<number> {
  if (patterns.length === 0 || patterns.includes("#")) return head;
  const topics = await source.topics(patterns);
  return topics.reduce((end, { lastOffset }) => Math.max(end, lastOffset + 1), 0);
}
