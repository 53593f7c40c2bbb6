import type { Interval } from "../../../consumers/index.js";
import { type Arrival, nameOf } from "./arrivals.js";

/** How event time goes on. */
export interface ClockRules {
  readonly outOfOrderMs: number;
  readonly idleMs: number;
  readonly byKey: boolean;
}

/** What windows should come out as, by plain enumeration: events by window, and windows that an event missed. */
export interface Expected {
  readonly windows: Map<string, number[]>;
  readonly missed: Map<number, string[]>;
}

/** The watermark just before the event at `index`, or at `at` if that is the end. */
export function watermarkBefore(arrivals: readonly Arrival[], index: number, rules: ClockRules) {
  const { outOfOrderMs, idleMs, byKey } = rules;
  const mine = arrivals.slice(0, index).filter(({ key }) => !byKey || key === arrivals[index]!.key);
  let [watermark, newest] = [-Infinity, -Infinity];
  for (const [at, arrival] of mine.entries()) {
    newest = Math.max(newest, arrival.time - outOfOrderMs);
    const quiet = (mine[at + 1]?.at ?? arrivals[index]!.at) - 1 - arrival.at;
    watermark = Math.max(watermark, newest + (quiet >= idleMs ? quiet : 0));
  }
  return watermark;
}

type WindowsOf = (time: number) => readonly Interval[];

/** Tumbling and hopping: every start that there may be is tried. */
export function hops(sizeMs: number, slideMs: number, offsetMs: number): WindowsOf {
  return (time) =>
    Array.from({ length: sizeMs }, (_, back) => time - sizeMs + 1 + back)
      .filter((start) => (((start - offsetMs) % slideMs) + slideMs) % slideMs === 0)
      .map((start) => ({ start, end: start + sizeMs }));
}

/** An event is in a window if it has the time, and came before the window was too old. */
export function fixedWindows(
  arrivals: readonly Arrival[],
  windowsOf: WindowsOf,
  latenessMs: number,
  rules: ClockRules,
): Expected {
  const expected: Expected = { windows: new Map(), missed: new Map() };
  for (const [index, { key, time, id }] of arrivals.entries())
    for (const window of windowsOf(time)) {
      const isMissed = window.end + latenessMs <= watermarkBefore(arrivals, index, rules);
      const [map, of] = isMissed ? [expected.missed, id] : [expected.windows, nameOf(key, window)];
      const value = isMissed ? nameOf(key, window) : id;
      (map as Map<unknown, unknown[]>).set(of, [...(map.get(of as never) ?? []), value]);
    }
  return expected;
}

/** A window for each time that events of a key have and came in time for. */
export function slidingWindows(
  arrivals: readonly Arrival[],
  sizeMs: number,
  latenessMs: number,
  rules: ClockRules,
): Expected {
  const own: WindowsOf = (time) => [{ start: time + 1 - sizeMs, end: time + 1 }];
  const { windows, missed } = fixedWindows(arrivals, own, latenessMs, rules);
  for (const name of windows.keys()) {
    const [, key, start, end] = /^(.*) \[(-?\d+), (-?\d+)\)$/.exec(name)!;
    const inTime = (index: number) =>
      Number(end) + latenessMs > watermarkBefore(arrivals, index, rules);
    const inside = arrivals.filter(
      ({ key: other, time }, index) =>
        other === key && time >= Number(start) && time < Number(end) && inTime(index),
    );
    windows.set(
      name,
      inside.map(({ id }) => id),
    );
  }
  return { windows, missed };
}

/** Events that are still open to others, by key; what became too old is final. */
export function sessionWindows(
  arrivals: readonly Arrival[],
  sizes: { readonly gapMs: number; readonly sizeMsMax: number; readonly latenessMs: number },
  rules: ClockRules,
): Expected {
  const { gapMs, sizeMsMax, latenessMs } = sizes;
  const frame = (time: number) => Math.floor(time / sizeMsMax);
  const near = (a: Arrival, b: Arrival) =>
    a.key === b.key && Math.abs(a.time - b.time) < gapMs && frame(a.time) === frame(b.time);
  const windowOf = (session: readonly Arrival[]): Interval => {
    const times = session.map(({ time }) => time);
    const cut = (frame(times[0]!) + 1) * sizeMsMax;
    const end = Math.max(...times) + gapMs;
    return { start: Math.min(...times), end: sizeMsMax === Infinity ? end : Math.min(end, cut) };
  };
  const expected: Expected = { windows: new Map(), missed: new Map() };
  let live: Arrival[][] = [];
  const settle = (sessions: readonly Arrival[][]) => {
    for (const session of sessions)
      expected.windows.set(
        nameOf(session[0]!.key, windowOf(session)),
        session.map(({ id }) => id).sort((a, b) => a - b),
      );
  };
  for (const [index, arrival] of arrivals.entries()) {
    const tooOld = (session: readonly Arrival[], of: number) =>
      windowOf(session).end + latenessMs <= watermarkBefore(arrivals, of, rules);
    const gone = live.filter(
      (session) => (!rules.byKey || session[0]!.key === arrival.key) && tooOld(session, index),
    );
    settle(gone);
    live = live.filter((session) => !gone.includes(session));
    const touched = live.filter((session) => session.some((other) => near(other, arrival)));
    if (touched.length === 0 && tooOld([arrival], index)) {
      expected.missed.set(arrival.id, [nameOf(arrival.key, windowOf([arrival]))]);
      continue;
    }
    live = [...live.filter((session) => !touched.includes(session)), [...touched.flat(), arrival]];
  }
  settle(live);
  return expected;
}

/** What a count window should come out as. */
export interface ExpectedCount {
  readonly key: string;
  readonly window: Interval;
  readonly ids: readonly number[];
}

/** In the order of the events that complete them: every run that there may be of a key's events is tried. */
export function countedWindows(
  arrivals: readonly Arrival[],
  size: number,
  slide: number,
): ExpectedCount[] {
  return arrivals.flatMap(({ key, id: last }) => {
    const mine = arrivals.filter((arrival) => arrival.key === key && arrival.id <= last);
    const from = mine.length - size;
    if (from < 0 || from % slide !== 0) return [];
    const inside = mine.slice(from);
    const times = inside.map(({ time }) => time);
    const window = { start: Math.min(...times), end: Math.max(...times) + 1 };
    return [{ key, window, ids: inside.map(({ id }) => id) }];
  });
}
