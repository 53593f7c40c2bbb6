import { commonOf } from "../plugin/common-options.js";
import type { Consumer } from "../plugin/consumer.js";
import { consumer } from "../plugin/define.js";
import { IntervalJoin } from "./interval-join.js";
import { type InnerJoinSpec, type JoinSpec, joinPlan, type OuterJoinSpec } from "./join-options.js";
import { UnboundedJoin } from "./unbounded-join.js";

/**
 * Joins two streams by key: rows within an interval of event time, or without bound. Both sides'
 * state is divided by the key, so that processes can share the work. Throws OPTIONS_INVALID.
 */
export function join<Left = unknown, Right = unknown>(spec: InnerJoinSpec<Left, Right>): Consumer;
export function join<Left = unknown, Right = unknown>(spec: OuterJoinSpec<Left, Right>): Consumer;
export function join(spec: JoinSpec): Consumer {
  const plan = joinPlan(spec);
  const { within } = spec;
  return consumer({
    ...commonOf(spec),
    topics: plan.sides.topics,
    key: (event) => plan.sides.keyOf(event),
    create: () =>
      within === "unbounded" ? new UnboundedJoin(plan) : new IntervalJoin(plan, within),
  });
}
