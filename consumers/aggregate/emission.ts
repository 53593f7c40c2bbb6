/** When a window's result is published before its window closes. It is always published at its close. */
export type Emission =
  | "close"
  /** Every so many ms of the log's time, if events came. */
  | { readonly everyMs: number }
  /** After every so many events of a key in a window (of a hopping window: in a pane). */
  | { readonly everyCount: number };

/** ms between early results; undefined if there are none by time. */
export function everyMsOf(emission: Emission): number | undefined {
  return typeof emission === "object" && "everyMs" in emission ? emission.everyMs : undefined;
}

/** Events between early results; undefined if there are none by count. */
export function everyCountOf(emission: Emission): number | undefined {
  return typeof emission === "object" && "everyCount" in emission ? emission.everyCount : undefined;
}

/** The next whole multiple of `everyMs` after `now`. */
export function nextTick(now: number, everyMs: number): number {
  return (Math.floor(now / everyMs) + 1) * everyMs;
}
