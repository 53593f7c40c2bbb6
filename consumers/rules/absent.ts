import { listOf, optional, text, whole } from "../plugin/option-rules.js";
import { BaseRule, checkRule, longestMs, type RuleSpec } from "./base-rule.js";
import type { OpenAlert, Report } from "./report.js";
import type { Occurrence, RuleMachine } from "./rule-machine.js";

/** A key from which nothing comes. */
export interface AbsentSpec extends RuleSpec {
  /** For how long there is no event that the rule looks at. */
  readonly forMs: number;
  /**
   * Keys that are missed from the consumer's first event on, though they never came. With it, one
   * process handles all keys. Default: a key is missed once it has been seen.
   */
  readonly expectedKeys?: readonly string[];
  /** The alert is cleared and the key forgotten after this long without an event. Default: never. */
  readonly forgetMs?: number;
}

interface State {
  /** When the key was last seen, and the offset of that event; without an offset, it never was. */
  readonly seen: number;
  readonly offset?: number;
  readonly value?: unknown;
  readonly open?: OpenAlert;
  /** No alert before this time. */
  readonly quietUntil?: number;
}

/**
 * ```
 *         nothing for forMs
 * present ─────────────────▶ absent ──────────────▶ forgotten
 *   ◀──────────────────────── seen    forgetMs more
 * ```
 */
export class Absent extends BaseRule implements RuleMachine<State> {
  readonly expectedKeys: readonly string[];
  readonly #forMs: number;
  readonly #forgetMs: number;

  /** Throws OPTIONS_INVALID. */
  constructor(spec: AbsentSpec) {
    checkRule("absent", spec, {
      forMs: whole(1, longestMs),
      expectedKeys: optional(listOf(text)),
      forgetMs: optional(whole(1, longestMs)),
    });
    super(spec, `{rule}: nothing from {key} for ${spec.forMs} ms`);
    this.#forMs = spec.forMs;
    this.#forgetMs = spec.forgetMs ?? Number.POSITIVE_INFINITY;
    this.expectedKeys = spec.expectedKeys ?? [];
  }

  /** The state of a key that is expected from `time` on. */
  expected(time: number): State {
    return { seen: time };
  }

  take(state: State | undefined, { time, offset, value }: Occurrence, report: Report): State {
    const seen = { seen: time, offset, ...(value !== undefined && { value }) };
    const open = state?.open;
    if (open !== undefined) report.clear(this, open, time, "seen", value);
    const quietUntil = open === undefined ? state?.quietUntil : open.at + this.cooldownMs;
    return quietUntil !== undefined && quietUntil > time ? { ...seen, quietUntil } : seen;
  }

  dueOf({ seen, open, quietUntil = Number.NEGATIVE_INFINITY }: State): number {
    if (open !== undefined) return open.at + this.#forgetMs;
    return Math.max(seen + this.#forMs, quietUntil);
  }

  fire(state: State, due: number, report: Report): State | undefined {
    const { open, seen, offset, value } = state;
    if (open !== undefined) {
      report.clear(this, open, due, "forgotten");
      return undefined;
    }
    const since = offset === undefined ? null : seen;
    const found = { begun: offset, since, at: due, value };
    return { ...state, open: report.alert(this, found) };
  }
}
