import type { BusEvent } from "../../bus/index.js";
import type { Report } from "./report.js";

/** What a rule has to know of an event: put down when it comes, for it may have to wait its turn. */
export interface Occurrence {
  /** On the rules' clock, ms. */
  readonly time: number;
  readonly offset: number;
  /** Bits: what of the rule the event satisfies. */
  readonly signal: number;
  /** What the rule's `value` made of the event. */
  readonly value: unknown;
}

/** Bits of a signal: `of`, `when` and `clearWhen` are satisfied. */
export const concerns = 1;
export const matches = 2;
export const clears = 4;

/**
 * A rule as a state machine, one state a key; undefined is the state that nothing is known about.
 * What it does next depends on the state and on what it is given, and on nothing else.
 */
export interface RuleMachine<State> {
  readonly name: string;
  readonly severity: string;
  /** The text of an alert, with `{name}` for members of the alert. */
  readonly message: string;
  /** 0: the event does not concern the rule. */
  signalOf(event: BusEvent, config: unknown): number;
  valueOf(event: BusEvent, config: unknown): unknown;
  /** Takes an event; everything that was due before its time has been fired. Returns the new state. */
  take(state: State | undefined, at: Occurrence, report: Report): State | undefined;
  /** When something happens although no event comes; Infinity if nothing does. */
  dueOf(state: State): number;
  /** The time `dueOf` has come. Returns the new state. */
  fire(state: State, due: number, report: Report): State | undefined;
}
