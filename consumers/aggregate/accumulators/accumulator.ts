import type { BusEvent } from "../../../bus/index.js";

/**
 * What a window gathers from its events, and what becomes of it. States are JSON values (no NaN,
 * Infinity, undefined, Date or Map), since they are stored; equal events in equal order must give equal
 * states. `aggregate` calls these for each event, so they should be quick.
 */
export interface Accumulator<State = unknown, Result = unknown> {
  /** The state of no events. */
  create(): State;
  /**
   * The state with `event` in it: `state` itself, changed, or another. `time` is the event's time,
   * whole ms since 1970.
   */
  add(state: State, event: BusEvent, time: number): State;
  /** The events of both: `into` may be changed and returned; `from` is neither changed nor kept. */
  merge(into: State, from: State): State;
  /** What a window publishes, a JSON value. The state is not changed: more may come. */
  result(state: State): Result;
}
