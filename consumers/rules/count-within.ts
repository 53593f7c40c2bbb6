import { optional, whole } from "../plugin/option-rules.js";
import { BaseRule, checkRule, longestMs, type RuleSpec } from "./base-rule.js";
import { aCondition, type Condition } from "./condition.js";
import type { OpenAlert, Report } from "./report.js";
import { clears, matches, type Occurrence, type RuleMachine } from "./rule-machine.js";

/** So many events within a time. */
export interface CountWithinSpec extends RuleSpec {
  /** Which events count. Default: all that the rule looks at. */
  readonly when?: Condition;
  /** From how many on there is an alert. At most 10,000. */
  readonly count: number;
  /** How far back is counted: what is exactly this old no longer is. */
  readonly withinMs: number;
  /** The alert ends once fewer than this are left. Default: `count`. */
  readonly clearBelow?: number;
  /** Which event ends the alert, instead; counting starts anew. */
  readonly clearWhen?: Condition;
}

interface State {
  /** When the last `count` counted events were, the oldest first. */
  readonly times: readonly number[];
  /** The last one's offset and value. */
  readonly offset: number;
  readonly value?: unknown;
  readonly open?: OpenAlert;
  /** No alert before this time. */
  readonly quietUntil?: number;
}

const never = Number.POSITIVE_INFINITY;

/**
 * ```
 *          count within withinMs
 * counting ─────────────────────▶ open
 *    ◀───── fewer than clearBelow, or clearWhen
 * ```
 */
export class CountWithin extends BaseRule implements RuleMachine<State> {
  readonly #count: number;
  readonly #withinMs: number;
  readonly #clearBelow: number;

  /** Throws OPTIONS_INVALID. */
  constructor(spec: CountWithinSpec) {
    const { count, withinMs, clearBelow = count, clearWhen } = spec;
    const problems: string[] = [];
    if (clearBelow > count) problems.push("clearBelow must be at most count");
    if (spec.clearBelow !== undefined && clearWhen !== undefined)
      problems.push("clearBelow and clearWhen do not go together");
    checkRule(
      "countWithin",
      spec,
      {
        when: optional(aCondition),
        count: whole(1, 10_000),
        withinMs: whole(1, longestMs),
        clearBelow: optional(whole(1, 10_000)),
        clearWhen: optional(aCondition),
      },
      problems,
    );
    super({ when: () => true, ...spec }, `{rule}: ${count} within ${withinMs} ms ({key})`);
    this.#count = count;
    this.#withinMs = withinMs;
    this.#clearBelow = clearBelow;
  }

  take(state: State | undefined, at: Occurrence, report: Report): State | undefined {
    const ends = state?.open !== undefined && (at.signal & clears) !== 0;
    if (ends) report.clear(this, state.open!, at.time, "condition", at.value);
    const before = ends ? this.#after(state!, []) : state;
    if ((at.signal & matches) === 0) return before;
    const times = [...(before?.times ?? []), at.time];
    if (times.length > this.#count) times.shift();
    const { offset, value } = at;
    const next = { ...before, times, offset, ...(value !== undefined && { value }) };
    if (next.open !== undefined || this.#alertDue(next) > at.time) return next;
    return this.fire(next, at.time, report);
  }

  dueOf(state: State): number {
    const { times, open, quietUntil = Number.NEGATIVE_INFINITY } = state;
    if (open === undefined)
      return Math.min(this.#alertDue(state), Math.max(this.#over(state), quietUntil));
    if (this.clearsByCondition) return never;
    return times[times.length - this.#clearBelow]! + this.#withinMs;
  }

  fire(state: State, due: number, report: Report): State | undefined {
    const { times, offset, value, open } = state;
    if (open !== undefined) {
      report.clear(this, open, due, "expired");
      return this.#after(
        state,
        times.filter((time) => time > due - this.#withinMs),
      );
    }
    if (this.#alertDue(state) > due) return undefined;
    const found = { begun: offset, since: times[0]!, at: due, value };
    return { ...state, open: report.alert(this, found) };
  }

  /** When the alert comes if nothing more does. */
  #alertDue({ times, quietUntil = Number.NEGATIVE_INFINITY }: State): number {
    if (times.length < this.#count) return never;
    const at = Math.max(times.at(-1)!, quietUntil);
    return at < times[0]! + this.#withinMs ? at : never;
  }

  /** When none of the counted events counts any more. */
  #over({ times }: State): number {
    return (times.at(-1) ?? Number.NEGATIVE_INFINITY) + this.#withinMs;
  }

  #after({ offset, open }: State, times: readonly number[]): State {
    return { times, offset, quietUntil: open!.at + this.cooldownMs };
  }
}
