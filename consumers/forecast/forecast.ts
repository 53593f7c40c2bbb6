import type { BusEvent } from "../../bus/index.js";
import { type Field, fieldOf } from "../field.js";
import { commonOf } from "../plugin/common-options.js";
import type { Consumer } from "../plugin/consumer.js";
import { consumer } from "../plugin/define.js";
import { checkForecast, type ForecastSpec, forecastPlan } from "./forecast-spec.js";
import { Forecasts } from "./forecasts.js";

/**
 * A consumer that learns values over time, by key: after each step it forecasts the next ones, and before it learns
 * one it tells those that are unusual. Throws OPTIONS_INVALID.
 */
export function forecast<Config = unknown>(spec: ForecastSpec<Config>): Consumer<Config> {
  checkForecast(spec as ForecastSpec<never>);
  const keyOf = spec.key === undefined ? undefined : keyFunctionOf(spec.key);
  const valueIn = fieldOf(spec.value);
  return consumer<Config>({
    ...commonOf(spec),
    topics: spec.topics,
    ...(keyOf !== undefined && { key: keyOf }),
    create: (setup) =>
      new Forecasts(forecastPlan(spec, setup), {
        keyOf: keyOf ?? (() => ""),
        numberOf: (event) => numberFrom(valueIn(event)),
      }) as never,
  });
}

function keyFunctionOf(key: Field): (event: BusEvent) => string | undefined {
  const keyIn = fieldOf(key);
  return (event) => {
    const value = keyIn(event);
    return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  };
}

/** NaN for what is no number: a value that is missing. */
function numberFrom(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : Number.NaN;
}
