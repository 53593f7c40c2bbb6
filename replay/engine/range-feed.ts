import type { EventSource, FollowedPage } from "../../bus/index.js";
import { boundedFeed, type Feed } from "../../consumers/index.js";

/**
 * The events before `to`, and at the end the log's time as the plan says: a replay that is gone on
 * with another day must fire the same timers. Told to stop, it ends where it is.
 */
export function rangeFeed(
  source: EventSource,
  { to, time }: { readonly to: number; readonly time?: number },
): Feed {
  const feed = boundedFeed(source, to);
  return (from, patterns, signal) => stoppable(feed(from, patterns, signal), time, signal);
}

async function* stoppable(
  pages: AsyncIterable<FollowedPage>,
  time: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<FollowedPage> {
  try {
    for await (const page of pages) {
      const { time: told, ...rest } = page;
      yield told === undefined || time === undefined ? rest : { ...rest, time };
      if (signal.aborted) return;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
