import type { BusEvent } from "../../bus/index.js";
import { refuse } from "../../bus/kernel/options.js";
import { type CommonOptions, commonRules, eventTime } from "../plugin/common-options.js";
import type { TimerClock } from "../plugin/timers.js";
import {
  listOf,
  type Rule as OptionRule,
  oneOf,
  optional,
  problemsByRules,
  type Rules,
  text,
  whole,
} from "../sinks/option-rules.js";
import { Absent } from "./absent.js";
import { BaseRule } from "./base-rule.js";
import type { RuleMachine } from "./rule-machine.js";

/** A rule, made by `rule.heldFor`, `rule.countWithin` or `rule.absent`. */
export type Rule = RuleMachine<unknown>;

/** Rules over one stream, by key. */
export interface RulesSpec extends CommonOptions {
  /** Patterns of its topics. */
  readonly topics: readonly string[];
  /** What the rules are about. An event without a key is passed over. */
  readonly key: (event: BusEvent) => string | number | null | undefined;
  /** At most 1,000, each with a name of its own. */
  readonly rules: readonly Rule[];
  /**
   * By which time rules count: when events were recorded, or their own time. With their own, events
   * are put in order up to the watermark, and those behind it are passed over. Default "log".
   */
  readonly clock?: TimerClock;
  /** Default `consumers.<name>.alert`. */
  readonly alertTopic?: string;
  /** Default `consumers.<name>.clear`. */
  readonly clearTopic?: string;
  /** Events of one key that wait for the watermark, at most; one more fails with STATE_LIMIT. Default 10,000. */
  readonly waitingMax?: number;
}

/** The options of `rules`, checked and with their defaults. */
export type RulesPlan = ReturnType<typeof rulesPlan>;

const rulesMax = 1_000;
const anything: OptionRule = () => undefined;

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
  topics: listOf(text),
  key: (value) => (typeof value === "function" ? undefined : "must be a function"),
  rules: someRules,
  clock: optional(oneOf("log", "event")),
  alertTopic: optional(text),
  clearTopic: optional(text),
  waitingMax: optional(whole(1, 1_000_000)),
  watermark: anything,
};

const expects = ({ expectedKeys }: Absent): boolean => expectedKeys.length > 0;

/** Throws OPTIONS_INVALID. */
export function rulesPlan(spec: RulesSpec) {
  refuse("rules", problemsByRules(spec, optionRules));
  const { name, topics, rules, key, clock = "log", watermark = {}, waitingMax = 10_000 } = spec;
  const { alertTopic = `consumers.${name}.alert`, clearTopic = `consumers.${name}.clear` } = spec;
  const ownTime = eventTime(watermark);
  return {
    ...{ name, topics, alertTopic, clearTopic, waitingMax, clock },
    machines: rules,
    expecting: rules.filter((rule) => rule instanceof Absent).filter(expects),
    /** Whether events must wait until those before them have come. */
    ordered: clock === "event" && (watermark.outOfOrderMs ?? 0) > 0,
    timeOf: clock === "log" ? (event: BusEvent) => event.recordedAt : ownTime,
    keyOf(event: BusEvent): string | undefined {
      const given = key(event);
      return given === undefined || given === null ? undefined : String(given);
    },
  };
}
