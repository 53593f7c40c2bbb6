import { commonOf } from "../plugin/common-options.js";
import type { Consumer } from "../plugin/consumer.js";
import { consumer } from "../plugin/define.js";
import { LatestJoin } from "./latest-join.js";
import { Sides } from "./side.js";
import { checkTableJoin, type TableJoinSpec, tablePlan } from "./table-options.js";
import { VersionedJoin } from "./versioned-join.js";

/**
 * Joins each event of a stream with its key's row of a table: the latest, or the one that held at
 * the event's time. Throws OPTIONS_INVALID.
 */
export function joinTable<Row = unknown, TableRow = unknown, Config = unknown>(
  spec: TableJoinSpec<Row, TableRow, Config>,
): Consumer<Config>;
export function joinTable(spec: TableJoinSpec): Consumer {
  checkTableJoin(spec);
  const sides = new Sides(spec.stream, spec.table);
  return consumer({
    ...commonOf(spec),
    topics: sides.topics,
    key: (event, config) => sides.keyOf(event, config),
    create: ({ config }) => {
      const plan = tablePlan(spec, sides, config);
      return plan.asOf === "latest" ? new LatestJoin(plan) : new VersionedJoin(plan);
    },
  });
}
