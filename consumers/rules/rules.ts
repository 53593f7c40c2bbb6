import { commonOf } from "../plugin/common-options.js";
import type { Consumer } from "../plugin/consumer.js";
import { consumer } from "../plugin/define.js";
import { Absent, type AbsentSpec } from "./absent.js";
import { CountWithin, type CountWithinSpec } from "./count-within.js";
import { HeldFor, type HeldForSpec } from "./held-for.js";
import { RulesHandlers } from "./rules-handlers.js";
import { type Rule, type RulesSpec, rulesPlan } from "./rules-options.js";

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
export function rules(spec: RulesSpec): Consumer {
  const plan = rulesPlan(spec);
  return consumer({
    ...commonOf(spec),
    topics: plan.topics,
    // Expected keys never came, so nothing could say in which process they belong.
    ...(plan.expecting.length === 0 && { key: plan.keyOf }),
    create: () => new RulesHandlers(plan),
  });
}
