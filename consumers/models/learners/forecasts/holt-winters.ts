import { between, type Rules, whole } from "../../../plugin/option-rules.js";
import type { LearnerState } from "../learner.js";
import { type ErrorHyper, ErrorScale } from "./error-scale.js";
import type { Forecast, Forecaster, ForecastKind } from "./forecaster.js";

/** How much of a one-step error goes into level, trend and season. */
export interface HoltWintersHyper extends ErrorHyper {
  readonly alpha: number;
  readonly beta: number;
  readonly gamma: number;
  /** Steps of a season; 1 for none. */
  readonly season: number;
}

/** Seasons that the start is estimated from. */
const startSeasons = 2;

/**
 * Level, trend and season by additive exponential smoothing (Holt, 1957; Winters, "Forecasting sales by
 * exponentially weighted moving averages", 1960), in the form that corrects by errors, from which the bounds follow: their
 * variance h steps ahead is 1 + the sum over j < h of (alpha + beta j + gamma where j is whole seasons)² times
 * that of one step (Hyndman, Koehler, Ord and Snyder, 2008, class 1). It starts after two seasons; until then it
 * forecasts the last value, without bounds.
 */
class HoltWinters implements Forecaster {
  readonly #hyper: HoltWintersHyper;
  readonly #errors: ErrorScale;
  /** What came before the start. */
  readonly #waiting: number[];
  readonly #seasonal: Float64Array;
  #level: number;
  #trend: number;
  /** Steps since the start, missing ones included; -1 before it. */
  #step: number;
  #seen: number;

  constructor(hyper: HoltWintersHyper, state?: LearnerState) {
    this.#hyper = hyper;
    this.#errors = new ErrorScale(hyper, state?.square as number, state?.errors as number);
    this.#waiting = [...((state?.waiting as Float64Array) ?? [])];
    this.#seasonal = Float64Array.from(
      (state?.seasonal as Float64Array) ?? new Float64Array(hyper.season),
    );
    this.#level = (state?.level as number) ?? 0;
    this.#trend = (state?.trend as number) ?? 0;
    this.#step = (state?.step as number) ?? -1;
    this.#seen = (state?.seen as number) ?? 0;
  }

  get seen(): number {
    return this.#seen;
  }

  forecast(steps = 1, deviations = 1.96): Forecast {
    if (this.#step < 0) {
      const value = this.#waiting.findLast((one) => !Number.isNaN(one)) ?? Number.NaN;
      return { value, lower: Number.NaN, upper: Number.NaN };
    }
    const value = this.#ahead(steps);
    const reach = deviations * this.#errors.deviation * this.#widening(steps);
    return { value, lower: value - reach, upper: value + reach };
  }

  deviation(value: number): number {
    return this.#step < 0 ? 0 : this.#errors.of(value - this.#ahead(1));
  }

  learn(value: number): void {
    const known = Number.isFinite(value);
    if (known) this.#seen += 1;
    if (this.#step < 0) this.#wait(known ? value : Number.NaN);
    else this.#smooth(known ? this.#errors.learn(value - this.#ahead(1)) : 0);
  }

  save(): LearnerState {
    return {
      level: this.#level,
      trend: this.#trend,
      step: this.#step,
      seen: this.#seen,
      seasonal: this.#seasonal.slice(),
      waiting: Float64Array.from(this.#waiting),
      ...this.#errors.save(),
    };
  }

  #ahead(steps: number): number {
    const season = this.#seasonal[(this.#step + steps - 1) % this.#hyper.season]!;
    return this.#level + steps * this.#trend + season;
  }

  #widening(steps: number): number {
    const { alpha, beta, gamma, season } = this.#hyper;
    let variance = 1;
    for (let j = 1; j < steps; j++)
      variance += (alpha + beta * j + (season > 1 && j % season === 0 ? gamma : 0)) ** 2;
    return Math.sqrt(variance);
  }

  #smooth(error: number): void {
    const { alpha, beta, gamma, season } = this.#hyper;
    this.#level += this.#trend + alpha * error;
    this.#trend += beta * error;
    if (season > 1) this.#seasonal[this.#step % season]! += gamma * error;
    // The place in the season is all that counts, so the number stays small for good.
    this.#step = (this.#step + 1) % season;
  }

  /** Collects two seasons; a missing value waits as NaN, and the means leave it out. */
  #wait(value: number): void {
    if (this.#waiting.length === 0 && Number.isNaN(value)) return;
    this.#waiting.push(value);
    const { season } = this.#hyper;
    if (this.#waiting.length < startSeasons * season) return;
    const first = meanOf(this.#waiting.slice(0, season));
    const second = meanOf(this.#waiting.slice(season));
    const trend = Number.isNaN(second - first) ? 0 : (second - first) / season;
    const middle = Number.isNaN(second) ? first : (first + second) / 2;
    const centre = (startSeasons * season - 1) / 2;
    for (let i = 0; season > 1 && i < season; i++) {
      const above = [i, i + season].map(
        (at) => this.#waiting[at]! - middle - trend * (at - centre),
      );
      this.#seasonal[i] = meanOf(above) || 0;
    }
    this.#trend = trend;
    this.#level = middle + trend * centre;
    this.#waiting.length = 0;
    this.#step = 0;
  }
}

/** The mean of those that are there. */
function meanOf(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}

const hyper: Rules<HoltWintersHyper> = {
  alpha: between(0, 1),
  beta: between(0, 1),
  gamma: between(0, 1),
  season: whole(1, 100_000),
  errorRate: between(1e-6, 1),
  warmUp: whole(1, 1_000_000),
  clip: between(0, 100),
};

/** Forecasts by level, trend and season (Holt, 1957; Winters, 1960). */
export const holtWinters: ForecastKind<HoltWintersHyper> = {
  name: "holt-winters",
  hyper,
  defaults: {
    alpha: 0.2,
    beta: 0.01,
    gamma: 0.1,
    season: 24,
    errorRate: 0.02,
    warmUp: 10,
    clip: 0,
  },
  open: (given, state) => new HoltWinters(given, state),
};
