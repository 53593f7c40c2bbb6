import fc from "fast-check";
import type { BlockDraft } from "../../../bus/block/draft.js";
import type { ProducerRun } from "../../../bus/block/producer-run.js";
import { draftOf } from "../../../bus/testing/drafts.js";

/** What a block says, as plainly as it can be written down. */
export interface ModelEvent {
  readonly offset: number;
  readonly topic: string;
  readonly bytes: string;
}

const topic = fc.constantFrom("a", "a.b", "shop.prod.order.created", "x-1.y_2");

/** Events to publish: a topic and any JSON body, small. */
export const events = fc.array(fc.tuple(topic, fc.jsonValue({ maxDepth: 2 })), {
  minLength: 1,
  maxLength: 40,
});

export const place = fc.record({
  firstOffset: fc.nat({ max: 2 ** 52 }),
  recordedAt: fc.nat({ max: 2 ** 52 }),
  epoch: fc.nat({ max: 2 ** 52 }),
  previous: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes)),
});

export function draft(
  from: readonly (readonly [string, unknown])[],
  producers: readonly ProducerRun[] = [],
): BlockDraft {
  return draftOf(from, producers);
}

export function modelOf(
  from: readonly (readonly [string, unknown])[],
  firstOffset: number,
): ModelEvent[] {
  return from.map(([name, msg], index) => ({
    offset: firstOffset + index,
    topic: name,
    bytes: JSON.stringify({ topic: name, msg }),
  }));
}
