import fc from "fast-check";
import type { Accumulator, Interval } from "../../../consumers/index.js";
import type { Recorded } from "../recorded.js";

/** An event of a window test. Its number is its offset. */
export interface Arrival {
  /** The log's time, ms. */
  readonly at: number;
  readonly key: string;
  /** Its own time, ms. */
  readonly time: number;
  readonly id: number;
}

/** `k@t` is an event of key `k` with time `t`; the log records one a ms, from 1,000 on, and `+n` waits for n ms more. */
export function arrivalsOf(text: string): Arrival[] {
  const arrivals: Arrival[] = [];
  let at = 999;
  for (const word of text.trim().split(/\s+/)) {
    if (word.startsWith("+")) at += Number(word.slice(1));
    else {
      const [key = "", time] = word.split("@");
      arrivals.push({ at: ++at, key, time: Number(time), id: arrivals.length });
    }
  }
  return arrivals;
}

/** Random ones: times that jump back and forth around the log's, now and then a pause. */
export const arbitraryArrivals: fc.Arbitrary<Arrival[]> = fc
  .array(
    fc.record({
      wait: fc.oneof(
        { weight: 8, arbitrary: fc.integer({ min: 0, max: 6 }) },
        { weight: 1, arbitrary: fc.integer({ min: 0, max: 90 }) },
      ),
      key: fc.constantFrom("a", "b", "c"),
      behind: fc.oneof(
        { weight: 6, arbitrary: fc.integer({ min: -5, max: 12 }) },
        { weight: 1, arbitrary: fc.integer({ min: -40, max: 80 }) },
      ),
    }),
    { minLength: 1, maxLength: 45 },
  )
  .map((steps) => {
    let at = 1_000;
    return steps.map(({ wait, key, behind }, id) => {
      at += wait;
      return { at, key, time: at - behind, id };
    });
  });

export function recordedOf(arrivals: readonly Arrival[]): Recorded[] {
  return arrivals.map(({ at, key, time, id }) => ({ at, msg: { key, time, id } }));
}

/** The numbers of a window's events: nothing shows better what is in it. */
export const ids: Accumulator<number[], number[]> = {
  create: () => [],
  add: (state, event) => {
    state.push((event.msg as { id: number }).id);
    return state;
  },
  merge: (into, from) => {
    into.push(...from);
    return into;
  },
  result: (state) => state.toSorted((a, b) => a - b),
};

export function nameOf(key: string, { start, end }: Interval): string {
  return `${key} [${start}, ${end})`;
}
