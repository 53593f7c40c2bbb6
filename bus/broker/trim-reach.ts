import { policyTopic, schemaTopic } from "../../schemas/index.js";
import { TopicFilter } from "../../schemas/topic-filter.js";
import type { Clock } from "../kernel/clock.js";
import type { EventLog } from "../log/event-log.js";
import type { TrimOptions } from "../log/retention.js";
import type { EventPlace } from "./schema-store.js";

/** How far the log's clock may be from ours, and how long a trim may wait for its turn. */
const slackMs = 60_000;

/**
 * Tells of schema events whether a trim may remove them; undefined if its pattern matches none. It
 * says so of too many rather than of too few, but never of a newest block that has nothing else: those
 * that were just stored anew are not stored once more in an idle log. By bytes it can only guess, as the
 * log does not tell them by offset.
 */
export async function trimReach(
  log: EventLog,
  options: TrimOptions,
  clock: Clock,
): Promise<((place: EventPlace) => boolean) | undefined> {
  const { pattern, before = 0, countMax, ageMsMax, now = clock() } = options;
  const filter = TopicFilter.of(pattern);
  if (!filter.test(schemaTopic) && !filter.test(policyTopic)) return undefined;
  const { head } = log;
  const byCount = countMax === undefined ? 0 : head - countMax;
  const to = Math.max(byCount, await reachByBytes(log, options));
  const since = ageMsMax === undefined ? 0 : now - ageMsMax + slackMs;
  return ({ offset, next, recordedAt, alone }) =>
    !(next >= head && alone) && (offset < before || next <= to || recordedAt < since);
}

/** Up to where events may go: half of the log, or all if less than half of it is to stay. */
async function reachByBytes(log: EventLog, options: TrimOptions): Promise<number> {
  const { bytesMax, pattern } = options;
  if (bytesMax === undefined) return 0;
  const bytes =
    pattern === undefined
      ? (await log.stats()).bytes
      : (await log.topics([pattern])).reduce((sum, topic) => sum + topic.bytes, 0);
  if (bytes <= bytesMax) return 0;
  return bytes > bytesMax * 2 ? log.head : log.first + Math.ceil((log.head - log.first) / 2);
}

/** The options, with the events from `offset` on kept as well. */
export function keeping(options: TrimOptions, offset: number): TrimOptions {
  return { ...options, notPast: Math.min(offset, options.notPast ?? offset) };
}
