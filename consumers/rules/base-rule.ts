import type { BusEvent } from "../../bus/index.js";
import { refuse } from "../../bus/kernel/options.js";
import { aName } from "../plugin/common-options.js";
import {
  aFunction,
  optional,
  problemsByRules,
  type Rules,
  text,
  whole,
} from "../plugin/option-rules.js";
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
  readonly value?: (event: BusEvent, config: never) => unknown;
  /** After an alert, the same rule and key give no other for this long. Default 0. */
  readonly cooldownMs?: number;
}

/** The longest time a rule can wait: some 139 years. */
export const longestMs = 2 ** 42;

const ruleRules: Rules<RuleSpec> = {
  name: aName,
  of: optional(aCondition),
  severity: optional(text),
  message: optional(text),
  value: optional(aFunction),
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
  readonly #value: ((event: BusEvent, config: never) => unknown) | undefined;

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

  signalOf(event: BusEvent, config: unknown): number {
    if (this.#of !== undefined && !this.#of(event, config)) return 0;
    const when = this.#when?.(event, config) === true ? matches : 0;
    return concerns | when | (this.#clearWhen?.(event, config) === true ? clears : 0);
  }

  valueOf(event: BusEvent, config: unknown): unknown {
    return this.#value?.(event, config as never);
  }

  protected get clearsByCondition(): boolean {
    return this.#clearWhen !== undefined;
  }
}
