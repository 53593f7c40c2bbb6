import { commonOf } from "../plugin/common-options.js";
import type { Consumer } from "../plugin/consumer.js";
import { consumer } from "../plugin/define.js";
import { IntervalJoin } from "./interval-join.js";
import {
  checkJoin,
  type InnerJoinSpec,
  type JoinSpec,
  joinPlan,
  type OuterJoinSpec,
} from "./join-options.js";
import { Sides } from "./side.js";
import { UnboundedJoin } from "./unbounded-join.js";

/**
 * Joins two streams by key: rows within an interval of event time, or without bound. Both sides'
 * state is divided by the key, so that processes can share the work. Throws OPTIONS_INVALID.
 */
export function join<Left = unknown, Right = unknown, Config = unknown>(
  spec: InnerJoinSpec<Left, Right, Config>,
): Consumer<Config>;
export function join<Left = unknown, Right = unknown, Config = unknown>(
  spec: OuterJoinSpec<Left, Right, Config>,
): Consumer<Config>;
export function join(spec: JoinSpec): Consumer {
  checkJoin(spec);
  const sides = new Sides(spec.left, spec.right);
  return consumer({
    ...commonOf(spec),
    topics: sides.topics,
    key: (event, config) => sides.keyOf(event, config),
    create: ({ config }) => {
      const plan = joinPlan(spec, sides, config);
      const { within } = plan;
      return within === "unbounded" ? new UnboundedJoin(plan) : new IntervalJoin(plan, within);
    },
  });
}
