import { between, type Rules, whole } from "../../../plugin/option-rules.js";
import type { LearnerState } from "../learner.js";
import { type ErrorHyper, ErrorScale } from "./error-scale.js";
import type { Forecast, Forecaster, ForecastKind } from "./forecaster.js";

export interface EwmaHyper extends ErrorHyper {
  /** How much the newest value counts. */
  readonly alpha: number;
}

/**
 * The exponentially weighted moving average (Roberts, "Control chart tests based on geometric moving averages", 1959), which
 * forecasts that the next values are like the last ones. Bounds widen by 1 + (h - 1) alpha², h steps ahead (Hyndman,
 * Koehler, Ord and Snyder, "Forecasting with exponential smoothing", 2008).
 */
class Ewma implements Forecaster {
  readonly #hyper: EwmaHyper;
  readonly #errors: ErrorScale;
  #level: number;
  #seen: number;

  constructor(hyper: EwmaHyper, state?: LearnerState) {
    this.#hyper = hyper;
    this.#errors = new ErrorScale(hyper, state?.square as number, state?.errors as number);
    this.#level = (state?.level as number) ?? 0;
    this.#seen = (state?.seen as number) ?? 0;
  }

  get seen(): number {
    return this.#seen;
  }

  forecast(steps = 1, deviations = 1.96): Forecast {
    const value = this.#seen === 0 ? Number.NaN : this.#level;
    const wider = Math.sqrt(1 + (steps - 1) * this.#hyper.alpha ** 2);
    const reach = deviations * this.#errors.deviation * wider;
    return { value, lower: value - reach, upper: value + reach };
  }

  deviation(value: number): number {
    return this.#seen === 0 ? 0 : this.#errors.of(value - this.#level);
  }

  learn(value: number): void {
    if (!Number.isFinite(value)) return;
    if (this.#seen === 0) this.#level = value;
    else this.#level += this.#hyper.alpha * this.#errors.learn(value - this.#level);
    this.#seen += 1;
  }

  save(): LearnerState {
    return { level: this.#level, seen: this.#seen, ...this.#errors.save() };
  }
}

const hyper: Rules<EwmaHyper> = {
  alpha: between(1e-6, 1),
  errorRate: between(1e-6, 1),
  warmUp: whole(1, 1_000_000),
  clip: between(0, 100),
};

/** Forecasts by an exponentially weighted moving average (Roberts, 1959). */
export const ewma: ForecastKind<EwmaHyper> = {
  name: "ewma",
  hyper,
  defaults: { alpha: 0.2, errorRate: 0.02, warmUp: 10, clip: 0 },
  open: (given, state) => new Ewma(given, state),
};
