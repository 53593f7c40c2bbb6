import type { EventSource, FollowedPage } from "../../bus/index.js";

/** What a runner reads: pages of the log from an offset on, live or up to an end. */
export type Feed = (
  from: number,
  patterns: readonly string[],
  signal: AbortSignal,
) => AsyncIterable<FollowedPage>;

/** The log without end: history first, then what comes, and the log's time while nothing does. */
export function liveFeed(source: EventSource): Feed {
  return (from, patterns, signal) =>
    readAhead(source.follow({ from, patterns, signal, beacons: true }));
}

/**
 * A range of the log: up to before `to`, and the log's time there. `time` says it where another time
 * than the log's own is meant, ms since 1970.
 */
export function boundedFeed(source: EventSource, to: number, time?: number): Feed {
  return (from, patterns, signal) => {
    const range = { from, to, patterns, signal, ...(time === undefined ? {} : { time }) };
    return readAhead(pages(source, range));
  };
}

async function* pages(
  source: EventSource,
  range: {
    readonly from: number;
    readonly to: number;
    readonly time?: number;
    readonly patterns: readonly string[];
    readonly signal: AbortSignal;
  },
): AsyncGenerator<FollowedPage> {
  const { to, time: given, ...rest } = range;
  const time = given ?? (await timeAt(source, to));
  for (let { from } = range; from < to; ) {
    const { blocks, next } = await source.read({ ...rest, to, from });
    from = next;
    yield { blocks, next, caughtUp: false };
  }
  yield { blocks: [], next: to, caughtUp: true, ...(time === undefined ? {} : { time }) };
}

/** The log's time when it came to offset `to`: when that event was recorded, or now at the head. */
async function timeAt(source: EventSource, to: number): Promise<number | undefined> {
  const { head, time } = await source.info();
  if (to >= head) return time;
  const { blocks } = await source.read({ from: to, to: to + 1, bytesMax: 1 });
  return blocks[0]?.recordedAt;
}

/** Asks for the next page while the one before it is worked on. */
async function* readAhead(source: AsyncIterable<FollowedPage>): AsyncGenerator<FollowedPage> {
  const iterator = source[Symbol.asyncIterator]();
  let next = iterator.next();
  try {
    for (let page = await next; page.done !== true; page = await next) {
      next = iterator.next();
      next.catch(() => {});
      yield page.value;
    }
  } finally {
    void next.catch(() => {});
    void iterator.return?.();
  }
}
