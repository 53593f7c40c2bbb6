import fc from "fast-check";
import type { Given } from "../over-log.js";

/** One event of a random stream. */
export interface Sample {
  readonly id: number;
  readonly side: "l" | "r";
  readonly key: string;
  /** Event time, ms. */
  readonly t: number;
}

/** The topic and time of the event that ends each random stream: the watermark passes all others. */
export const endTime = 1_000_000;

/** Random streams of two sides, a few keys, and times that come out of order. */
export const samples: fc.Arbitrary<Sample[]> = fc
  .array(
    fc.record({
      side: fc.constantFrom("l" as const, "r" as const),
      key: fc.constantFrom("a", "b", "c 0"),
      t: fc.integer({ min: 0, max: 60 }),
    }),
    { maxLength: 40 },
  )
  .map((events) => events.map((event, id) => ({ ...event, id, t: event.t + id })));

/** The stream as events on `in.l` and `in.r`, and the event that ends it. */
export function given(events: readonly Sample[]): Given[] {
  const body = events.map(({ side, ...msg }) => ({ topic: `in.${side}`, msg }));
  return [...body, { topic: "in.l", msg: { id: -1, key: "end", t: endTime } }];
}

export const timeOf = (event: { readonly msg: unknown }): number => (event.msg as Sample).t;
export const keyOf = (event: { readonly msg: unknown }): string => (event.msg as Sample).key;

/** The events that did not come behind the watermark. */
export function onTime(events: readonly Sample[], outOfOrderMs: number): Sample[] {
  let latest = Number.NEGATIVE_INFINITY;
  return events.filter(({ t }) => {
    const inTime = t >= latest - outOfOrderMs;
    latest = Math.max(latest, t);
    return inTime;
  });
}
