import type { BusEvent } from "../../bus/index.js";
import { refuse } from "../../bus/kernel/options.js";
import { type CommonOptions, commonRules, eventTime } from "../plugin/common-options.js";
import {
  oneOf,
  optional,
  problemsByRules,
  type Rule,
  type Rules,
  text,
  whole,
} from "../sinks/option-rules.js";
import type { Outputs } from "../transform/transform.js";
import { aFunction, type JoinSide, problemsOfSides, Sides } from "./side.js";

/** How far the event time of a right row may be from a left row's, both ends included. */
export interface JoinInterval {
  /** The right row may be this much earlier. May be negative: then it must be later. */
  readonly beforeMs: number;
  /** The right row may be this much later. May be negative: then it must be earlier. */
  readonly afterMs: number;
}

interface JoinOptions<Left, Right> extends CommonOptions {
  readonly left: JoinSide<Left>;
  readonly right: JoinSide<Right>;
  /** Where events go that come behind the watermark. Default: they are dropped. */
  readonly lateTopic?: string;
  /**
   * Rows kept of one key on one side: within an interval's span, or in all if it is unbounded. One
   * more fails with STATE_LIMIT. Default 100,000.
   */
  readonly rowsMax?: number;
}

/** A join that puts out pairs. */
export interface InnerJoinSpec<Left = unknown, Right = unknown> extends JoinOptions<Left, Right> {
  readonly type?: "inner";
  /** "unbounded": every row of a key joins with every row of the other side, and all are kept. */
  readonly within: JoinInterval | "unbounded";
  /** Called for each pair. Must not change its arguments. */
  output(left: Left, right: Right, key: string): Outputs;
}

/** A join that puts out pairs, and rows that joined with nothing: the left's, or both sides'. */
export interface OuterJoinSpec<Left = unknown, Right = unknown> extends JoinOptions<Left, Right> {
  readonly type: "left" | "outer";
  readonly within: JoinInterval;
  /** Called for each pair, and for a row alone without the other. Must not change its arguments. */
  output(left: Left | undefined, right: Right | undefined, key: string | undefined): Outputs;
}

/** A join of two streams. */
export type JoinSpec<Left = unknown, Right = unknown> =
  | InnerJoinSpec<Left, Right>
  | OuterJoinSpec<Left, Right>;

/** A join's options, checked and with their defaults. */
export interface JoinPlan {
  readonly sides: Sides;
  readonly left: JoinSide;
  readonly right: JoinSide;
  readonly type: "inner" | "left" | "outer";
  output(left: unknown, right: unknown, key: string | undefined): Outputs;
  readonly timeOf: (event: BusEvent) => number;
  readonly lateTopic: string | undefined;
  readonly rowsMax: number;
}

const anything: Rule = () => undefined;

const intervalRules: Rules<JoinInterval> = {
  beforeMs: whole(-(2 ** 40), 2 ** 40),
  afterMs: whole(-(2 ** 40), 2 ** 40),
};

const within: Rule = (value) => {
  if (value === "unbounded") return undefined;
  const given = (value ?? {}) as JoinInterval;
  const [problem] = problemsByRules(given, intervalRules);
  if (problem !== undefined) return `must be "unbounded" or an interval: ${problem}`;
  return given.beforeMs + given.afterMs < 0 ? "ends before it begins" : undefined;
};

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
export function joinPlan(spec: JoinSpec): JoinPlan {
  const { left, right, type = "inner", lateTopic, rowsMax = 100_000 } = spec;
  const problems = problemsByRules<object>(spec, rules);
  problems.push(...problemsOfSides({ left, right }));
  if (spec.within === "unbounded" && type !== "inner")
    problems.push("within: only an inner join can be unbounded");
  if (spec.within === "unbounded" && lateTopic !== undefined)
    problems.push("lateTopic: nothing is late in an unbounded join");
  refuse("join", problems);
  const { output } = spec;
  const timeOf = eventTime(spec.watermark);
  return { sides: new Sides(left, right), left, right, type, output, timeOf, lateTopic, rowsMax };
}
