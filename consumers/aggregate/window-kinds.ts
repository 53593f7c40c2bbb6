/** Windows of `sizeMs`, one after another. */
export interface TumblingWindow {
  readonly kind: "tumbling";
  readonly sizeMs: number;
  readonly offsetMs: number;
}

/** Windows of `sizeMs`, one begun every `slideMs`. */
export interface HoppingWindow {
  readonly kind: "hopping";
  readonly sizeMs: number;
  readonly slideMs: number;
  readonly offsetMs: number;
}

/** For each event the `sizeMs` that end with it. */
export interface SlidingWindow {
  readonly kind: "sliding";
  readonly sizeMs: number;
}

/** Events between which there is less than `gapMs`. */
export interface SessionWindow {
  readonly kind: "session";
  readonly gapMs: number;
  readonly sizeMsMax: number | undefined;
}

/** So many events of a key, in the order of the log. */
export interface CountWindow {
  readonly kind: "count";
  readonly size: number;
  readonly slide: number;
}

export type Window = TumblingWindow | HoppingWindow | SlidingWindow | SessionWindow | CountWindow;

/**
 * Windows [k · sizeMs, (k + 1) · sizeMs) of event time. `offsetMs` moves them all: days of a place two
 * hours east of Greenwich have -7,200,000. Default 0.
 */
export function tumbling(options: {
  readonly sizeMs: number;
  readonly offsetMs?: number;
}): TumblingWindow {
  return { kind: "tumbling", offsetMs: 0, ...options };
}

/**
 * Windows [k · slideMs, k · slideMs + sizeMs) of event time, moved by `offsetMs`, default 0. An event
 * is in sizeMs / slideMs of them, up to 1,000; it costs one update, since windows are merged from panes
 * as long as the greatest common divisor of both.
 */
export function hopping(options: {
  readonly sizeMs: number;
  readonly slideMs: number;
  readonly offsetMs?: number;
}): HoppingWindow {
  return { kind: "hopping", offsetMs: 0, ...options };
}

/**
 * For each time at which a key has events the window of `sizeMs` that ends just after it: the last
 * minute as each event saw it. It is [time + 1 - sizeMs, time + 1).
 */
export function sliding(options: { readonly sizeMs: number }): SlidingWindow {
  return { kind: "sliding", ...options };
}

/**
 * From an event to the last before `gapMs` without one: [first, last + gapMs). Two events exactly
 * `gapMs` apart are in two sessions. With `sizeMsMax`, sessions are cut at whole multiples of it.
 */
export function session(options: {
  readonly gapMs: number;
  readonly sizeMsMax?: number;
}): SessionWindow {
  return { kind: "session", sizeMsMax: undefined, ...options };
}

/**
 * `size` events of a key, in the order of the log, begun every `slide` events (default: `size`). Only
 * full ones are published.
 */
export function countWindow(options: {
  readonly size: number;
  readonly slide?: number;
}): CountWindow {
  return { kind: "count", ...options, slide: options.slide ?? options.size };
}
