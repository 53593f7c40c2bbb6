import type { BusEvent } from "../../bus/index.js";
import type { Forecast, Forecaster } from "../models/learners/forecasts/forecaster.js";
import { decodeState, encodeState, type StoredState } from "../models/learners/state-codec.js";
import type { Handlers } from "../plugin/consumer.js";
import type { Context } from "../plugin/context.js";
import type { Timer } from "../plugin/timers.js";
import type { ForecastPlan } from "./forecast-spec.js";

/** Keys of which the forecasters are held in memory. */
const heldMax = 10_000;

/** A key's series, as it is stored. */
interface Series {
  readonly model?: StoredState;
  /** The number of the last step that was learnt. */
  readonly last?: number;
  /** Steps that are not over yet, by their numbers: sum and count of their values. */
  readonly open: Readonly<Record<string, readonly [sum: number, count: number]>>;
  /** One-step forecasts that were compared; sums of their absolute errors, and of those of the last value. */
  readonly errors: readonly [count: number, own: number, lastValue: number];
  readonly lastValue?: number;
}

interface Reading {
  readonly keyOf: (event: BusEvent) => string | undefined;
  readonly numberOf: (event: BusEvent) => number;
}

const nothing: Series = { open: {}, errors: [0, 0, 0] };

/** Learns each key's series, a step at a time. */
export class Forecasts implements Handlers {
  readonly #plan: ForecastPlan;
  readonly #reading: Reading;
  readonly #held = new Map<string, Forecaster>();

  constructor(plan: ForecastPlan, reading: Reading) {
    this.#plan = plan;
    this.#reading = reading;
  }

  handle(event: BusEvent, context: Context): void {
    const { keyOf, numberOf } = this.#reading;
    const key = keyOf(event);
    if (key === undefined) return;
    const { stepMs, timeOf } = this.#plan;
    const [value, time] = [numberOf(event), timeOf(event)];
    const series = this.#series(key, context);
    if (stepMs === undefined) this.#learn(key, series, { value, time }, context);
    else if (!Number.isNaN(value))
      this.#gather(key, series, Math.floor(time / stepMs), value, context);
  }

  timer({ at, key }: Timer, context: Context): void {
    const stepMs = this.#plan.stepMs!;
    const step = at / stepMs - 1;
    const series = this.#series(key, context);
    const { [String(step)]: values, ...open } = series.open;
    if (values === undefined) return;
    const time = step * stepMs;
    const [sum, count] = values;
    this.#pass(key, series, step);
    this.#learn(key, { ...series, open, last: step }, { value: sum / count, time }, context);
  }

  #series(key: string, context: Context): Series {
    return (context.state.get(key) as Series | undefined) ?? nothing;
  }

  /** Adds a value to its step; what comes when that is over is too late. */
  #gather(key: string, series: Series, step: number, value: number, context: Context): void {
    const stepMs = this.#plan.stepMs!;
    if ((step + 1) * stepMs <= context.timers.watermark || step <= (series.last ?? -Infinity))
      return;
    const [sum, count] = series.open[String(step)] ?? [0, 0];
    const open = { ...series.open, [String(step)]: [sum + value, count + 1] as const };
    context.state.put(key, { ...series, open } satisfies Series);
    context.timers.set("event", (step + 1) * stepMs, key);
  }

  /** Lets the steps go by that had no value; after too many of them it begins anew. */
  #pass(key: string, series: Series, step: number): void {
    const missing = series.last === undefined ? 0 : step - series.last - 1;
    if (missing > this.#plan.gapStepsMax) this.#held.set(key, this.#open());
    else {
      const forecaster = this.#forecaster(key, series);
      for (let index = 0; index < missing; index++) forecaster.learn(Number.NaN);
    }
  }

  #learn(
    key: string,
    series: Series,
    { value, time }: { readonly value: number; readonly time: number },
    context: Context,
  ): void {
    const forecaster = this.#forecaster(key, series);
    const { bounds, unusual, anomalies } = this.#plan;
    const expected = forecaster.forecast(1, bounds);
    const deviation = forecaster.deviation(value);
    if (Math.abs(deviation) >= unusual && unusual > 0)
      this.#emit(anomalies, key, { time, value, deviation, expected: shown(expected) }, context);
    const errors = errorsWith(series, value, expected.value);
    forecaster.learn(value);
    const lastValue = Number.isNaN(value) ? series.lastValue : value;
    const stored: Series = {
      ...{ ...series, model: encodeState(forecaster.save()), errors },
      ...(lastValue !== undefined && { lastValue }),
    };
    context.state.put(key, stored);
    this.#tell(key, forecaster, { time, value, errors }, context);
  }

  #tell(
    key: string,
    forecaster: Forecaster,
    {
      time,
      value,
      errors,
    }: { readonly time: number; readonly value: number } & Pick<Series, "errors">,
    context: Context,
  ): void {
    const { ahead, bounds, output, stepMs } = this.#plan;
    const steps = Array.from({ length: ahead }, (_, index) => ({
      ...(stepMs !== undefined && { time: time + (index + 1) * stepMs }),
      ...shown(forecaster.forecast(index + 1, bounds)),
    }));
    const [count, own, lastValue] = errors;
    const quality = count === 0 ? {} : { mae: own / count, lastValueMae: lastValue / count };
    this.#emit(output, key, { time, value: finite(value), steps, ...quality }, context);
  }

  #emit(topic: string, key: string, body: object, context: Context): void {
    if (key === "") context.emit(topic, body);
    else context.emit(topic, { key, ...body }, { key });
  }

  #forecaster(key: string, { model }: Series): Forecaster {
    const held = this.#held.get(key);
    if (held !== undefined) return held;
    if (this.#held.size >= heldMax) this.#held.clear();
    const forecaster = this.#open(model);
    this.#held.set(key, forecaster);
    return forecaster;
  }

  #open(model?: StoredState): Forecaster {
    const { kind, hyper } = this.#plan;
    return kind.open(hyper, model && decodeState(model));
  }
}

function errorsWith(
  { errors, lastValue }: Series,
  value: number,
  expected: number,
): Series["errors"] {
  if (lastValue === undefined || Number.isNaN(value) || Number.isNaN(expected)) return errors;
  const [count, own, last] = errors;
  return [count + 1, own + Math.abs(value - expected), last + Math.abs(value - lastValue)];
}

function shown({ value, lower, upper }: Forecast): Record<string, number | null> {
  return { value: finite(value), lower: finite(lower), upper: finite(upper) };
}

/** JSON has no NaN. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
