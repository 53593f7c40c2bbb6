import type { BusEvent } from "../../bus/index.js";
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
  oneOf,
  optional,
  problemsByRules,
  type Rule,
  type Rules,
  text,
  whole,
} from "../plugin/option-rules.js";
import type { Outputs } from "../transform/transform.js";
import { type JoinSide, problemsOfSides, type Sides } from "./side.js";

/** How far the event time of a right row may be from a left row's, both ends included. */
export interface JoinInterval {
  /** The right row may be this much earlier. May be negative: then it must be later. */
  readonly beforeMs: number;
  /** The right row may be this much later. May be negative: then it must be earlier. */
  readonly afterMs: number;
}

interface JoinOptions<Left, Right, Config> extends CommonOptions<Config> {
  readonly left: JoinSide<Left, Config>;
  readonly right: JoinSide<Right, Config>;
  /** Where events go that come behind the watermark. Default: they are dropped. */
  readonly lateTopic?: string;
  /**
   * Rows kept of one key on one side: within an interval's span, or in all if it is unbounded. One
   * more fails with STATE_LIMIT. Default 100,000.
   */
  readonly rowsMax?: number;
}

/** A join that puts out pairs. */
export interface InnerJoinSpec<Left = unknown, Right = unknown, Config = unknown>
  extends JoinOptions<Left, Right, Config> {
  readonly type?: "inner";
  /**
   * May be a function of the configuration. "unbounded": every row of a key joins with every row of the
   * other side, and all are kept.
   */
  readonly within: JoinInterval | "unbounded" | ((config: Config) => JoinInterval);
  /** Called for each pair. Must not change its arguments. */
  output(left: Left, right: Right, key: string, config: Config): Outputs;
}

/** A join that puts out pairs, and rows that joined with nothing: the left's, or both sides'. */
export interface OuterJoinSpec<Left = unknown, Right = unknown, Config = unknown>
  extends JoinOptions<Left, Right, Config> {
  readonly type: "left" | "outer";
  /** May be a function of the configuration. */
  readonly within: JoinInterval | ((config: Config) => JoinInterval);
  /** Called for each pair, and for a row alone without the other. Must not change its arguments. */
  output(
    left: Left | undefined,
    right: Right | undefined,
    key: string | undefined,
    config: Config,
  ): Outputs;
}

/** A join of two streams. */
export type JoinSpec<Left = unknown, Right = unknown, Config = unknown> =
  | InnerJoinSpec<Left, Right, Config>
  | OuterJoinSpec<Left, Right, Config>;

/** A join's options under one configuration, with their defaults. */
export interface JoinPlan {
  readonly sides: Sides;
  readonly left: JoinSide;
  readonly right: JoinSide;
  readonly config: unknown;
  readonly type: "inner" | "left" | "outer";
  output(left: unknown, right: unknown, key: string | undefined): Outputs;
  readonly timeOf: (event: BusEvent) => number;
  readonly lateTopic: string | undefined;
  readonly rowsMax: number;
  readonly within: JoinInterval | "unbounded";
}

const intervalRules: Rules<JoinInterval> = {
  beforeMs: whole(-(2 ** 40), 2 ** 40),
  afterMs: whole(-(2 ** 40), 2 ** 40),
};

const interval: Rule = (value) => {
  const given = (value ?? {}) as JoinInterval;
  const [problem] = problemsByRules(given, intervalRules);
  if (problem !== undefined) return `must be "unbounded" or an interval: ${problem}`;
  return given.beforeMs + given.afterMs < 0 ? "ends before it begins" : undefined;
};

const within: Rule = (value) =>
  value === "unbounded" || typeof value === "function" ? undefined : interval(value);

const rules: Rules<InnerJoinSpec> = {
  ...commonRules,
  left: anything,
  right: anything,
  type: optional(oneOf("inner", "left", "outer")),
  within,
  output: aFunction,
  lateTopic: optional(text),
  rowsMax: optional(whole(1, 10_000_000)),
};

/** Throws OPTIONS_INVALID. */
export function checkJoin(spec: JoinSpec): void {
  const problems = problemsByRules<object>(spec, rules);
  const { left, right, type = "inner", within, lateTopic } = spec ?? {};
  problems.push(...problemsOfSides({ left, right }));
  if (within === "unbounded" && type !== "inner")
    problems.push("within: only an inner join can be unbounded");
  if (within === "unbounded" && lateTopic !== undefined)
    problems.push("lateTopic: nothing is late in an unbounded join");
  refuse("join", problems);
}

/** A checked join under a configuration. Throws OPTIONS_INVALID if that gives no interval. */
export function joinPlan(spec: JoinSpec, sides: Sides, config: unknown): JoinPlan {
  const { left, right, type = "inner", lateTopic, rowsMax = 100_000, watermark } = spec;
  const within = typeof spec.within === "function" ? spec.within(config) : spec.within;
  const must = within === "unbounded" ? undefined : interval(within);
  refuse("join", must === undefined ? [] : [`within ${must}`]);
  const output = spec.output.bind(spec) as OuterJoinSpec["output"];
  return {
    ...{ sides, left, right, config, type, lateTopic, rowsMax, within },
    output: (leftRow, rightRow, key) => output(leftRow, rightRow, key, config),
    timeOf: eventTime(watermarkFor(watermark, config)),
  };
}
