import type { BusEvent } from "../../bus/index.js";
import type { States } from "./folds.js";
import type { Interval, Timing } from "./window-result.js";

/** A result that a shape wants published. */
export interface Release extends Interval {
  readonly states: States;
  readonly timing: Timing;
  readonly revision: number;
  readonly replaces?: readonly Interval[];
}

/** What adding an event came to. */
export interface Added {
  /** Windows that the event is too late for. */
  readonly missed: readonly Interval[];
  /** When, in event time, the part that the event went to has something to do; Infinity if it went nowhere. */
  readonly due: number;
}

/**
 * How the windows of one key are kept where each key's are kept together: a list of parts, JSON values, by time. Whoever
 * calls stores the list. `watermark` is up to where windows are closed: what ends at or before it has
 * been published.
 */
export interface KeyedShape<Part> {
  /** Adds an event to the parts; publishes again what is closed already and not too old. */
  add(parts: Part[], arrival: Arrival, release: (result: Release) => void): Added;
  /** Closes what ends after `from`, at or before `to`, in the order of the ends; drops what is too old. */
  advance(parts: Part[], from: number, to: number, release: (result: Release) => void): void;
  /** The watermark at which `advance` has something to do next; Infinity if there is nothing. */
  due(parts: readonly Part[], watermark: number): number;
  /** Publishes what changed since the last time, of all windows that are not closed. */
  early(parts: Part[], watermark: number, release: (result: Release) => void): void;
}

/** An event that comes to the windows of its key. */
export interface Arrival {
  readonly event: BusEvent;
  readonly time: number;
  readonly watermark: number;
}
