import { joinEvents } from "../../../bus/block/encode.js";
import type { BlockDraft, EventLog } from "../../../bus/index.js";
import { NexmarkEnvelopes, topics } from "../generator/envelopes.js";
import type { NexmarkEvent } from "../generator/generator.js";

/** How the stream is laid down. */
export interface LoadOptions {
  /** Events of a block. Default 1,000. */
  readonly blockEvents?: number;
  /** Told the event time that has been reached, ms, before a block is appended. */
  readonly onTime?: (time: number) => void;
}

/** Topics that an event can be on, in the order of their numbers in a block. */
const names = Object.values(topics);

/** Appends a stream and its end to a log; how many events that were, the end not counted. */
export async function load(
  log: EventLog,
  events: Iterable<NexmarkEvent>,
  { blockEvents = 1_000, onTime = () => {} }: LoadOptions = {},
): Promise<number> {
  const envelopes = new NexmarkEnvelopes();
  const draft = new Draft();
  let count = 0;
  for (const event of events) {
    draft.add(envelopes.write(event), topics[event.kind]);
    count++;
    if (draft.count < blockEvents) continue;
    onTime(event.record.dateTime);
    await log.append([draft.take()]);
  }
  if (draft.count > 0) await log.append([draft.take()]);
  draft.add(envelopes.end(), topics.end);
  onTime(envelopes.time);
  await log.append([draft.take()]);
  return count;
}

/** A block in the making. */
class Draft {
  #events: Buffer[] = [];
  #topicIds: number[] = [];

  get count(): number {
    return this.#events.length;
  }

  add(text: string, topic: (typeof names)[number]): void {
    this.#events.push(Buffer.from(text));
    this.#topicIds.push(names.indexOf(topic));
  }

  take(): BlockDraft {
    const used = [...new Set(this.#topicIds)];
    const draft: BlockDraft = {
      count: this.count,
      ...joinEvents(this.#events),
      topics: used.map((id) => names[id]!),
      topicIds: Uint16Array.from(this.#topicIds, (id) => used.indexOf(id)),
      producers: [],
    };
    this.#events = [];
    this.#topicIds = [];
    return draft;
  }
}
