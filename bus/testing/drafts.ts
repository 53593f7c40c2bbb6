import type { BlockDraft } from "../block/draft.js";
import { joinEvents } from "../block/encode.js";
import type { ProducerRun } from "../block/producer-run.js";

/** A draft of events `{topic, msg}`, unchecked, as a log takes it: for tests. */
export function draftOf(
  events: readonly (readonly [topic: string, msg: unknown])[],
  producers: readonly ProducerRun[] = [],
): BlockDraft {
  const topics = [...new Set(events.map(([topic]) => topic))];
  const bytes = events.map(([topic, msg]) => Buffer.from(JSON.stringify({ topic, msg })));
  return {
    count: events.length,
    ...joinEvents(bytes),
    topics,
    topicIds: Uint16Array.from(events, ([topic]) => topics.indexOf(topic)),
    producers,
  };
}
