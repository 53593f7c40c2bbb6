import type { Rules } from "../../../plugin/option-rules.js";
import type { LearnerState } from "../learner.js";

/** What a value will be, and between which bounds it will be with the chance that was asked for. */
export interface Forecast {
  readonly value: number;
  /** NaN until errors of forecasts have been seen. */
  readonly lower: number;
  readonly upper: number;
}

/**
 * Learns a value over time, one step of equal length after the other, and forecasts the next ones. Pure: the
 * same values give the same bits.
 */
export interface Forecaster {
  /** Steps that it has learnt from. */
  readonly seen: number;
  /**
   * The value `steps` ahead (1 is the next one), within bounds `deviations` standard deviations away (1.96, the default,
   * is 95 % if errors are normal). NaN before there was a value.
   */
  forecast(steps?: number, deviations?: number): Forecast;
  /**
   * How many standard deviations of one-step errors the next value is off the forecast, with its sign: beyond ±3 or so
   * it is unusual. 0 until that can be told, and for NaN.
   */
  deviation(value: number): number;
  /** The next value; NaN if it is missing: then only time goes on. */
  learn(value: number): void;
  save(): LearnerState;
}

/** A kind of forecaster, by name. */
export interface ForecastKind<Hyper extends object> {
  readonly name: string;
  readonly hyper: Rules<Hyper>;
  readonly defaults: Hyper;
  /** A new forecaster, or the one that was saved as `state`. */
  open(hyper: Hyper, state?: LearnerState): Forecaster;
}
