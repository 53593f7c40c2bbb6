import { refuse } from "../../bus/kernel/options.js";
import {
  type CommonOptions,
  commonRules,
  eventTime,
  watermarkFor,
} from "../plugin/common-options.js";
import {
  aFunction,
  anything,
  flag,
  oneOf,
  optional,
  problemsByRules,
  type Rules,
  whole,
} from "../plugin/option-rules.js";
import type { Outputs } from "../transform/transform.js";
import { type JoinSide, problemsOfSides, type Sides } from "./side.js";

/** A join of a stream with a table: the newest row of each key of another stream. */
export interface TableJoinSpec<Row = unknown, TableRow = unknown, Config = unknown>
  extends CommonOptions<Config> {
  readonly stream: JoinSide<Row, Config>;
  /** What changes the table. A `value` of null or undefined deletes the key's row. */
  readonly table: JoinSide<TableRow, Config>;
  /** Whether events of the stream that find no row are dropped. Default "inner": they are. */
  readonly type?: "inner" | "left";
  /**
   * Which row an event of the stream finds: the one that came last, in the log's order, or the
   * newest whose event time is not after the event's. Default "latest".
   */
  readonly asOf?: "latest" | "event-time";
  /** Latest only: a row is gone after that much of the log's time. Default: it stays. */
  readonly ttlMs?: number;
  /** As of event time only: for how long behind the watermark rows can be found. Default a day. */
  readonly keepMs?: number;
  /** As of event time only: versions kept of one key; then the oldest goes. Default 1,000. */
  readonly versionsMax?: number;
  /**
   * As of event time only: an event of the stream waits until the watermark has passed it, so that
   * it finds rows that come late too. Default false: it is joined at once.
   */
  readonly awaitWatermark?: boolean;
  /** Called for each event of the stream. Must not change its arguments. */
  output(
    row: Row,
    tableRow: TableRow | undefined,
    key: string | undefined,
    config: Config,
  ): Outputs;
}

/** A table join's options under one configuration, with their defaults. */
export type TablePlan = ReturnType<typeof tablePlan>;

const longestMs = 2 ** 42;

const rules: Rules<TableJoinSpec> = {
  ...commonRules,
  stream: anything,
  table: anything,
  type: optional(oneOf("inner", "left")),
  asOf: optional(oneOf("latest", "event-time")),
  ttlMs: optional(whole(1, longestMs)),
  keepMs: optional(whole(0, longestMs)),
  versionsMax: optional(whole(1, 1_000_000)),
  awaitWatermark: optional(flag),
  output: aFunction,
};

const onlyFor = {
  latest: ["ttlMs"],
  "event-time": ["keepMs", "versionsMax", "awaitWatermark"],
} as const;

/** Throws OPTIONS_INVALID. */
export function checkTableJoin(spec: TableJoinSpec): void {
  const problems = problemsByRules<object>(spec, rules);
  const { stream, table, asOf = "latest" } = spec ?? {};
  problems.push(...problemsOfSides({ stream, table }));
  const other = asOf === "latest" ? "event-time" : "latest";
  for (const name of onlyFor[other])
    if (spec?.[name] !== undefined) problems.push(`${name} goes with asOf: "${other}" only`);
  refuse("joinTable", problems);
}

/** A checked table join under a configuration. */
export function tablePlan(spec: TableJoinSpec, sides: Sides, config: unknown) {
  const { stream, table, type = "inner", asOf = "latest", ttlMs } = spec;
  const { keepMs = 86_400_000, versionsMax = 1_000, awaitWatermark = false } = spec;
  return {
    ...{ stream, table, type, asOf, keepMs, versionsMax, awaitWatermark, sides, config },
    timeOf: eventTime(watermarkFor(spec.watermark, config)),
    put: ttlMs === undefined ? undefined : { ttlMs },
    output: (row: unknown, tableRow: unknown, key: string | undefined) =>
      spec.output(row, tableRow, key, config),
  };
}
