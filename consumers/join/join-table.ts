import { commonOf } from "../plugin/common-options.js";
import type { Consumer } from "../plugin/consumer.js";
import { consumer } from "../plugin/define.js";
import { LatestJoin } from "./latest-join.js";
import { type TableJoinSpec, tablePlan } from "./table-options.js";
import { VersionedJoin } from "./versioned-join.js";

/**
 * Joins each event of a stream with its key's row of a table: the latest, or the one that held at
 * the event's time. Throws OPTIONS_INVALID.
 */
export function joinTable<Row = unknown, TableRow = unknown>(
  spec: TableJoinSpec<Row, TableRow>,
): Consumer {
  const plan = tablePlan(spec as TableJoinSpec);
  return consumer({
    ...commonOf(spec),
    topics: plan.sides.topics,
    key: (event) => plan.sides.keyOf(event),
    create: () => (plan.asOf === "latest" ? new LatestJoin(plan) : new VersionedJoin(plan)),
  });
}
