import { crc32 } from "node:zlib";
import type { BlockDraft } from "./draft.js";
import { blockEventsMax } from "./layout.js";
import { uint32sAt } from "./numbers.js";

/** A merged block holds at most this many events and bytes; a larger draft stays by itself. */
export const mergeLimits = { eventsMax: 1000, bytesMax: 256 * 1024 } as const;

/** Joins neighbours that are small: many lone events become one block. Order is kept. */
export function mergeDrafts(drafts: readonly BlockDraft[]): BlockDraft[] {
  const merged: BlockDraft[] = [];
  let run: BlockDraft[] = [];
  let events = 0;
  let bytes = 0;
  for (const draft of drafts) {
    events += draft.count;
    bytes += draft.body.length;
    if (run.length > 0 && (events > mergeLimits.eventsMax || bytes > mergeLimits.bytesMax)) {
      merged.push(join(run));
      run = [];
      events = draft.count;
      bytes = draft.body.length;
    }
    run.push(draft);
  }
  if (run.length > 0) merged.push(join(run));
  return merged;
}

function join(drafts: readonly BlockDraft[]): BlockDraft {
  if (drafts.length === 1) return drafts[0]!;
  const count = drafts.reduce((sum, draft) => sum + draft.count, 0);
  if (count > blockEventsMax) throw new RangeError(`${count} events do not fit one block`);
  const topics = new Map<string, number>();
  const topicIds = new Uint16Array(count);
  const producers: BlockDraft["producers"][number][] = [];
  let at = 0;
  for (const draft of drafts) {
    const ids = draft.topics.map((topic) => idOf(topics, topic));
    for (const [index, id] of draft.topicIds.entries()) topicIds[at + index] = ids[id]!;
    for (const run of draft.producers) producers.push({ ...run, at: run.at + at });
    at += draft.count;
  }
  const body = joinBodies(drafts, count);
  return { count, body, bodyCrc: crc32(body), topics: [...topics.keys()], topicIds, producers };
}

function idOf(topics: Map<string, number>, topic: string): number {
  const id = topics.get(topic) ?? topics.size;
  topics.set(topic, id);
  return id;
}

/** One body of several: all ends, moved up, then one array of all events. */
function joinBodies(drafts: readonly BlockDraft[], count: number): Buffer {
  const payloadStart = count * 4;
  // Each payload loses its two brackets; the joined one has two, and a comma for each seam.
  const payloadBytes = drafts.reduce(
    (sum, draft) => sum + draft.body.length - draft.count * 4 - 1,
    1,
  );
  const body = Buffer.allocUnsafeSlow(payloadStart + payloadBytes);
  let position = payloadStart;
  let end = 0;
  for (const draft of drafts) {
    const shift = position - payloadStart;
    for (const old of uint32sAt(draft.body, 0, draft.count)) {
      body.writeUInt32LE(old + shift, end);
      end += 4;
    }
    // The opening bracket is copied as the comma of the seam; the closing one is left out.
    body[position] = 0x2c;
    position += 1 + draft.body.copy(body, position + 1, draft.count * 4 + 1, draft.body.length - 1);
  }
  body[payloadStart] = 0x5b;
  body[position] = 0x5d;
  return body;
}
