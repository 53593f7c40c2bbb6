import type { BusEvent } from "../../bus/index.js";
import { refuse } from "../../bus/kernel/options.js";
import type { Field } from "../field.js";
import type { ForecastKind } from "../models/learners/forecasts/forecaster.js";
import { completeHyper } from "../models/learners/hyper.js";
import { forecastKinds } from "../models/learners/kinds.js";
import {
  type CommonOptions,
  commonRules,
  eventTime,
  someTopics,
  watermarkFor,
} from "../plugin/common-options.js";
import {
  between,
  oneOf,
  optional,
  problemsByRules,
  type Rule,
  type Rules,
  text,
  whole,
} from "../plugin/option-rules.js";

/** What `forecast` is given. */
export interface ForecastSpec<Config = unknown> extends CommonOptions<Config> {
  readonly topics: readonly string[] | ((config: Config) => readonly string[]);
  /** Each key's values are forecast for themselves. Default: all are one. */
  readonly key?: Field;
  /** The number in an event. */
  readonly value: Field;
  /** The kind of forecast: "ewma" or "holt-winters". */
  readonly model: string;
  /** Of the kind; what is left out has its default. */
  readonly hyper?: object | ((config: Config) => object);
  /**
   * Length of a step, ms of event time: the mean of its values is one value, and a step without one is missing.
   * Default: each event is a step.
   */
  readonly stepMs?: number;
  /** How many steps are forecast. Default 1. */
  readonly ahead?: number;
  /** Half the width of a forecast's bounds, in standard deviations of errors. Default 1.96. */
  readonly bounds?: number;
  /** How many standard deviations off its forecast a value is unusual. Default 4. */
  readonly unusual?: number;
  /** Topic of the forecasts. Default `models.NAME.forecast`. */
  readonly output?: string;
  /** Topic of unusual values. Default `models.NAME.anomaly`. */
  readonly anomalies?: string;
  /** Steps in a row without a value after which a key begins anew. Default 1,000. */
  readonly gapStepsMax?: number;
}

/** A forecast's options under one configuration, with their defaults. */
export interface ForecastPlan {
  readonly kind: ForecastKind<object>;
  readonly hyper: object;
  readonly timeOf: (event: BusEvent) => number;
  readonly stepMs: number | undefined;
  readonly ahead: number;
  readonly bounds: number;
  readonly unusual: number;
  readonly output: string;
  readonly anomalies: string;
  readonly gapStepsMax: number;
}

const aField: Rule = (value) =>
  typeof value === "string" || typeof value === "function"
    ? undefined
    : "must be a path or a function";

const rules: Rules<ForecastSpec<never>> = {
  ...commonRules,
  topics: someTopics,
  key: optional(aField),
  value: aField,
  model: oneOf(...forecastKinds.keys()),
  hyper: optional((value) =>
    typeof value === "function" || (typeof value === "object" && value !== null)
      ? undefined
      : "must be an object, or a function of the configuration",
  ),
  stepMs: optional(whole(1, 2 ** 42)),
  ahead: optional(whole(1, 10_000)),
  bounds: optional(between(0, 100)),
  unusual: optional(between(0, 1_000)),
  output: optional(text),
  anomalies: optional(text),
  gapStepsMax: optional(whole(1, 1_000_000)),
};

/** Throws OPTIONS_INVALID. */
export function checkForecast(spec: ForecastSpec<never>): void {
  refuse("forecast", problemsByRules<object>(spec, rules));
  if (typeof spec.hyper === "object") completeHyper(forecastKinds.get(spec.model)!, spec.hyper);
}

/** A checked forecast, by the name it runs under. Throws OPTIONS_INVALID. */
export function forecastPlan<Config>(
  spec: ForecastSpec<Config>,
  { name, config }: { readonly name: string; readonly config: Config },
): ForecastPlan {
  const { hyper, stepMs, ahead = 1, bounds = 1.96, unusual = 4, gapStepsMax = 1_000 } = spec;
  const kind = forecastKinds.get(spec.model)!;
  return {
    kind,
    hyper: completeHyper(kind, typeof hyper === "function" ? hyper(config) : hyper),
    timeOf: eventTime(watermarkFor(spec.watermark, config)),
    ...{ stepMs, ahead, bounds, unusual, gapStepsMax },
    output: spec.output ?? `models.${name}.forecast`,
    anomalies: spec.anomalies ?? `models.${name}.anomaly`,
  };
}
