import type { BusEvent } from "../../bus/index.js";
import { refuse } from "../../bus/kernel/options.js";
import {
  type Rule as OptionRule,
  optional,
  problemsByRules,
  type Rules,
  text,
  whole,
} from "../sinks/option-rules.js";
import { aCondition, type Condition, type Test, testOf } from "./condition.js";
import { clears, concerns, matches } from "./rule-machine.js";

/** Options of every kind of rule. */
export interface RuleSpec {
  /** `[a-z0-9-]+`, at most 64 characters; once in a consumer. State and alerts go by it. */
  readonly name: string;
  /** Which events the rule looks at; the others change nothing. Default: every event. */
  readonly of?: Condition;
  /** Default "warning". */
  readonly severity?: string;
  /** The alert's text. `{key}`, `{value}` and other members of the alert are filled in. */
  readonly message?: string;
  /** What of an event stands in alerts: JSON. Default: nothing. */
  readonly value?: (event: BusEvent) => unknown;
  /** After an alert, the same rule and key give no other for this long. Default 0. */
  readonly cooldownMs?: number;
}

/** The longest time a rule can wait: some 139 years. */
export const longestMs = 2 ** 42;

const name: OptionRule = (value) =>
  typeof value === "string" && /^[a-z0-9][a-z0-9-]{0,63}$/.test(value)
    ? undefined
    : "must be lower-case letters, digits and dashes, 64 at most";

const ruleRules: Rules<RuleSpec> = {
  name,
  of: optional(aCondition),
  severity: optional(text),
  message: optional(text),
  value: optional((value) => (typeof value === "function" ? undefined : "must be a function")),
  cooldownMs: optional(whole(0, longestMs)),
};

/** Throws OPTIONS_INVALID. `more` are problems that no rule for one option finds. */
export function checkRule<Spec extends RuleSpec>(
  kind: string,
  spec: Spec,
  own: Omit<Rules<Spec>, keyof RuleSpec>,
  more: readonly string[] = [],
): void {
  const problems = problemsByRules<object>(spec, { ...ruleRules, ...own });
  refuse(`rule.${kind}`, [...problems, ...more]);
}

/** What the kinds of rules have in common. */
export abstract class BaseRule {
  readonly name: string;
  readonly severity: string;
  readonly message: string;
  protected readonly cooldownMs: number;
  readonly #of: Test | undefined;
  readonly #when: Test | undefined;
  readonly #clearWhen: Test | undefined;
  readonly #value: ((event: BusEvent) => unknown) | undefined;

  constructor(
    spec: RuleSpec & { readonly when?: Condition; readonly clearWhen?: Condition },
    defaultMessage: string,
  ) {
    const { of, when, clearWhen, severity = "warning", message = defaultMessage } = spec;
    this.name = spec.name;
    this.severity = severity;
    this.message = message;
    this.cooldownMs = spec.cooldownMs ?? 0;
    this.#of = of === undefined ? undefined : testOf(of);
    this.#when = when === undefined ? undefined : testOf(when);
    this.#clearWhen = clearWhen === undefined ? undefined : testOf(clearWhen);
    this.#value = spec.value;
  }

  signalOf(event: BusEvent): number {
    if (this.#of !== undefined && !this.#of(event)) return 0;
    const when = this.#when?.(event) === true ? matches : 0;
    return concerns | when | (this.#clearWhen?.(event) === true ? clears : 0);
  }

  valueOf(event: BusEvent): unknown {
    return this.#value?.(event);
  }

  protected get clearsByCondition(): boolean {
    return this.#clearWhen !== undefined;
  }
}
