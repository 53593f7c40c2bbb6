/**
 * Text that is parsed at once, bytes. Longer strings live in V8's space for large objects, where each
 * costs fresh pages: parsing 190 KB whole takes a fifth more time than in runs of this size.
 */
const runBytesMax = 32 * 1024;

/** The index after the last event of the run that begins with event `from` at `start`. */
export function endOfRun(ends: Uint32Array, from: number, start: number): number {
  let to = from + 1;
  while (to < ends.length && ends[to]! - start <= runBytesMax) to++;
  return to;
}

/** Where event `index` starts in `[event,event,...]`. */
export function startOfEvent(ends: Uint32Array, index: number): number {
  return index === 0 ? 1 : ends[index - 1]! + 1;
}

/** The bytes of event `index` in `[event,event,...]`. */
export function eventBytes(payload: Buffer, ends: Uint32Array, index: number): Buffer {
  return payload.subarray(startOfEvent(ends, index), ends[index]!);
}

/** The events between `start` and `end`, by one `JSON.parse`, which throws what it throws. */
export function parseRun(payload: Buffer, start: number, end: number): unknown[] {
  return JSON.parse(`[${payload.toString("utf8", start, end)}]`) as unknown[];
}

/** All events of `[event,event,...]`, whose bytes were checked before, in runs: each is parsed in its turn. */
export function* eventRuns(payload: Buffer, ends: Uint32Array): Generator<unknown[], void> {
  for (let from = 0; from < ends.length; ) {
    const start = startOfEvent(ends, from);
    const to = endOfRun(ends, from, start);
    yield parseRun(payload, start, ends[to - 1]!);
    from = to;
  }
}

/** All events of `[event,event,...]`, whose bytes were checked before. */
export function parseEvents(payload: Buffer, ends: Uint32Array): unknown[] {
  const events: unknown[] = [];
  for (const run of eventRuns(payload, ends)) for (const event of run) events.push(event);
  return events;
}
