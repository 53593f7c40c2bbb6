import type { BusEvent } from "../../bus/index.js";

/** Yields `events` in turn; `begin` has been told of each, and of up to `aheadMax` that follow it. */
export function* lookingAhead(
  events: readonly BusEvent[],
  aheadMax: number,
  begin: (event: BusEvent) => void,
): Generator<BusEvent> {
  let begun = 0;
  for (let index = 0; index < events.length; index++) {
    const to = Math.min(events.length, index + 1 + aheadMax);
    for (; begun < to; begun++) begin(events[begun]!);
    yield events[index]!;
  }
}
