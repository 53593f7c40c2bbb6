import { commonOf } from "../plugin/common-options.js";
import type { Consumer } from "../plugin/consumer.js";
import { consumer } from "../plugin/define.js";
import { Absent, type AbsentSpec } from "./absent.js";
import { CountWithin, type CountWithinSpec } from "./count-within.js";
import { HeldFor, type HeldForSpec } from "./held-for.js";
import { RulesHandlers } from "./rules-handlers.js";
import {
  checkRules,
  isExpecting,
  type Rule,
  type RulesPlan,
  type RulesSpec,
  ruledKey,
  rulesPlan,
} from "./rules-options.js";

/** The kinds of rules. Each throws OPTIONS_INVALID. */
export const rule = {
  /** A condition has been true of every event for `forMs`. */
  heldFor: (spec: HeldForSpec): Rule => new HeldFor(spec),
  /** `count` events within `withinMs`. */
  countWithin: (spec: CountWithinSpec): Rule => new CountWithin(spec),
  /** No event of a key for `forMs`. */
  absent: (spec: AbsentSpec): Rule => new Absent(spec),
} as const;

/**
 * Runs rules over a stream, by key, and publishes when one is fulfilled (an alert) and when it no
 * longer is (its clear, with the alert's id). Throws OPTIONS_INVALID.
 */
export function rules<Config = unknown>(spec: RulesSpec<Config>): Consumer<Config> {
  checkRules(spec as RulesSpec<never>);
  return consumer<Config>({
    ...commonOf(spec),
    topics: spec.topics,
    // Expected keys never came, so nothing could say in which process they belong.
    ...(!isExpecting(spec as RulesSpec<never>) && {
      key: (event, config) => ruledKey(spec, event, config),
    }),
    create: ({ config, name }) =>
      new RulesHandlers(rulesPlan({ ...spec, name }, config) as RulesPlan),
  });
}
