import type { BusEvent } from "../../bus/index.js";

/**
 * Yields the events of `runs` in turn; `begin` has been told of each, and of up to `aheadMax` that follow it.
 * Runs are taken as they are needed, so that no more events than that are alive.
 */
export function* lookingAhead(
  runs: Iterable<readonly BusEvent[]>,
  aheadMax: number,
  begin: (event: BusEvent) => void,
): Generator<BusEvent> {
  const source = runs[Symbol.iterator]();
  let waiting: readonly BusEvent[] = [];
  let [next, begun] = [0, 0];
  let isDone = false;
  for (;;) {
    while (!isDone && waiting.length - next <= aheadMax) {
      const { value, done } = source.next();
      isDone = done === true;
      if (done === true) break;
      waiting = next === waiting.length ? value : [...waiting.slice(next), ...value];
      begun -= next;
      next = 0;
    }
    if (next === waiting.length) return;
    const to = Math.min(waiting.length, next + 1 + aheadMax);
    for (; begun < to; begun++) begin(waiting[begun]!);
    yield waiting[next++]!;
  }
}
