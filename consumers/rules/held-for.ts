import { optional, whole } from "../plugin/option-rules.js";
import { BaseRule, checkRule, longestMs, type RuleSpec } from "./base-rule.js";
import { aCondition, type Condition } from "./condition.js";
import type { OpenAlert, Report } from "./report.js";
import { clears, matches, type Occurrence, type RuleMachine } from "./rule-machine.js";

/** A condition that has held for some time. */
export interface HeldForSpec extends RuleSpec {
  /** Must be true of each event that the rule looks at. */
  readonly when: Condition;
  /** For how long, from the first such event on. 0: at once. */
  readonly forMs: number;
  /** Which event ends the alert. Default: the first of which `when` is false. */
  readonly clearWhen?: Condition;
}

interface State {
  /** When the condition became true, and the offset of that event. */
  readonly since?: number;
  readonly offset?: number;
  readonly value?: unknown;
  readonly open?: OpenAlert;
  /** No alert before this time. */
  readonly quietUntil?: number;
}

/**
 * ```
 *        when              held for forMs
 * idle ────────▶ pending ────────────────▶ open ──▶ idle
 *   ◀──────────── not when      clearWhen, or not when
 * ```
 */
export class HeldFor extends BaseRule implements RuleMachine<State> {
  readonly #forMs: number;

  /** Throws OPTIONS_INVALID. */
  constructor(spec: HeldForSpec) {
    checkRule("heldFor", spec, {
      when: aCondition,
      forMs: whole(0, longestMs),
      clearWhen: optional(aCondition),
    });
    super(spec, `{rule} has held for ${spec.forMs} ms ({key})`);
    this.#forMs = spec.forMs;
  }

  take(state: State | undefined, at: Occurrence, report: Report): State | undefined {
    const holds = (at.signal & matches) !== 0;
    if (state?.open !== undefined) {
      const ends = this.clearsByCondition ? (at.signal & clears) !== 0 : !holds;
      if (!ends) return state;
      report.clear(this, state.open, at.time, "condition", at.value);
      const quiet = this.#quiet(state.open.at + this.cooldownMs, at.time);
      return holds ? this.#hold(this.#begin(quiet, at), at.time, report) : quiet;
    }
    if (!holds) return this.#quiet(state?.quietUntil, at.time);
    if (state?.since === undefined) return this.#hold(this.#begin(state, at), at.time, report);
    const next = at.value === undefined ? state : { ...state, value: at.value };
    return this.#hold(next, at.time, report);
  }

  dueOf({ since, open, quietUntil = Number.NEGATIVE_INFINITY }: State): number {
    if (open !== undefined) return Number.POSITIVE_INFINITY;
    return since === undefined ? quietUntil : Math.max(since + this.#forMs, quietUntil);
  }

  fire(state: State, due: number, report: Report): State | undefined {
    const { since, offset, value } = state;
    if (since === undefined) return undefined;
    return { open: report.alert(this, { begun: offset!, since, at: due, value }) };
  }

  /** An event that shows the condition to hold at the very end of the time gives the alert itself. */
  #hold(state: State, time: number, report: Report): State | undefined {
    return this.dueOf(state) <= time ? this.fire(state, time, report) : state;
  }

  #begin(state: State | undefined, { time, offset, value }: Occurrence): State {
    return { ...state, since: time, offset, ...(value !== undefined && { value }) };
  }

  /** The state in which there is nothing but a cooldown, if one still runs at `time`. */
  #quiet(quietUntil: number | undefined, time: number): State | undefined {
    return quietUntil !== undefined && quietUntil > time ? { quietUntil } : undefined;
  }
}
