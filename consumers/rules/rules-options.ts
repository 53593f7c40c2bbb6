import type { BusEvent } from "../../bus/index.js";
import { refuse } from "../../bus/kernel/options.js";
import {
  type CommonOptions,
  commonRules,
  eventTime,
  someTopics,
  watermarkFor,
} from "../plugin/common-options.js";
import {
  aFunction,
  type Rule as OptionRule,
  oneOf,
  optional,
  orFunction,
  problemsByRules,
  type Rules,
  text,
  whole,
} from "../plugin/option-rules.js";
import type { TimerClock } from "../plugin/timers.js";
import { Absent } from "./absent.js";
import { BaseRule } from "./base-rule.js";
import type { RuleMachine } from "./rule-machine.js";

/** A rule, made by `rule.heldFor`, `rule.countWithin` or `rule.absent`. */
export type Rule = RuleMachine<unknown>;

/** Rules over one stream, by key. */
export interface RulesSpec<Config = unknown> extends CommonOptions<Config> {
  /** Patterns of its topics, or a function of the configuration. */
  readonly topics: readonly string[] | ((config: Config) => readonly string[]);
  /** What the rules are about. An event without a key is passed over. */
  readonly key: (event: BusEvent, config: Config) => string | number | null | undefined;
  /**
   * At most 1,000, each with a name of its own. A function makes them of the configuration; then none
   * can have `expectedKeys`.
   */
  readonly rules: readonly Rule[] | ((config: Config) => readonly Rule[]);
  /**
   * By which time rules count: when events were recorded, or their own time. With their own, events
   * are put in order up to the watermark, and those behind it are passed over. Default "log".
   */
  readonly clock?: TimerClock;
  /** Default `consumers.<name>.alert`, by the name that the consumer runs under. */
  readonly alertTopic?: string;
  /** Default `consumers.<name>.clear`, likewise. */
  readonly clearTopic?: string;
  /** Events of one key that wait for the watermark, at most; one more fails with STATE_LIMIT. Default 10,000. */
  readonly waitingMax?: number;
}

/** The options of `rules`, checked and with their defaults. */
export type RulesPlan = ReturnType<typeof rulesPlan>;

const rulesMax = 1_000;

const someRules: OptionRule = (value) => {
  if (!Array.isArray(value) || value.length === 0 || value.length > rulesMax)
    return `must be a list of 1 to ${rulesMax} rules`;
  if (!value.every((item) => item instanceof BaseRule))
    return "must be made by rule.heldFor, rule.countWithin or rule.absent";
  const names = value.map(({ name }: BaseRule) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  return twice === undefined ? undefined : `has ${twice} twice`;
};

const optionRules: Rules<RulesSpec> = {
  ...commonRules,
  topics: someTopics,
  key: aFunction,
  rules: orFunction(someRules),
  clock: optional(oneOf("log", "event")),
  alertTopic: optional(text),
  clearTopic: optional(text),
  waitingMax: optional(whole(1, 1_000_000)),
};

const expects = ({ expectedKeys }: Absent): boolean => expectedKeys.length > 0;

/** Throws OPTIONS_INVALID. */
export function checkRules(spec: RulesSpec<never>): void {
  refuse("rules", problemsByRules<object>(spec, optionRules));
}

/** The event's key under a configuration. */
export function ruledKey<Config>(
  { key }: RulesSpec<Config>,
  event: BusEvent,
  config: Config,
): string | undefined {
  const given = key(event, config);
  return given === undefined || given === null ? undefined : String(given);
}

/** Whether there are keys that are missed before they have come. */
export function isExpecting({ rules }: RulesSpec<never>): boolean {
  return typeof rules !== "function" && expectingIn(rules).length > 0;
}

/** Checked rules under a configuration. Throws OPTIONS_INVALID if it gives no rules, or such as expect keys. */
export function rulesPlan<Config>(spec: RulesSpec<Config>, config: Config) {
  const { name, clock = "log", waitingMax = 10_000 } = spec;
  const { alertTopic = `consumers.${name}.alert`, clearTopic = `consumers.${name}.clear` } = spec;
  const watermark = watermarkFor(spec.watermark, config);
  const machines = typeof spec.rules === "function" ? madeRules(spec.rules(config)) : spec.rules;
  return {
    ...{ name, alertTopic, clearTopic, waitingMax, clock, machines, config },
    expecting: expectingIn(machines),
    /** Whether events must wait until those before them have come. */
    ordered: clock === "event" && (watermark.outOfOrderMs ?? 0) > 0,
    timeOf: clock === "log" ? (event: BusEvent) => event.recordedAt : eventTime(watermark),
    keyOf: (event: BusEvent) => ruledKey(spec, event, config),
  };
}

function expectingIn(rules: readonly Rule[]): readonly Absent[] {
  return rules.filter((rule) => rule instanceof Absent).filter(expects);
}

/** Which process handles an expected key must be known before there is a configuration. */
function madeRules(rules: readonly Rule[]): readonly Rule[] {
  const must = someRules(rules);
  refuse("rules", must === undefined ? [] : [`rules ${must}`]);
  const expecting = expectingIn(rules).map(({ name }) => name);
  refuse(
    "rules",
    expecting.map((name) => `${name}: expectedKeys need rules that are given as a list`),
  );
  return rules;
}
