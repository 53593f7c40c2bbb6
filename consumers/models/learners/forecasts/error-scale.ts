/** What every forecaster has beside its own: how errors are measured and held down. */
export interface ErrorHyper {
  /** How much the newest error counts in the mean of squared errors. */
  readonly errorRate: number;
  /** Errors from which on the scale is trusted. */
  readonly warmUp: number;
  /**
   * Errors beyond so many standard deviations are learnt from as if they were that large, so that an outlier does
   * not spoil what follows (Gelper, Fried and Croux, "Robust forecasting with exponential and Holt-Winters
   * smoothing", 2010); 0: all as they are.
   */
  readonly clip: number;
}

/** The scale of one-step errors: the root of an exponentially weighted mean of squares, less its bias at the start. */
export class ErrorScale {
  readonly #hyper: ErrorHyper;
  #square: number;
  #count: number;

  constructor(hyper: ErrorHyper, square = 0, count = 0) {
    this.#hyper = hyper;
    this.#square = square;
    this.#count = count;
  }

  /** Standard deviation of the errors; NaN while there are too few. */
  get deviation(): number {
    const { warmUp, errorRate } = this.#hyper;
    if (this.#count < warmUp) return Number.NaN;
    return Math.sqrt(this.#square / (1 - (1 - errorRate) ** this.#count));
  }

  /** An error in standard deviations; 0 while the scale is unknown. */
  of(error: number): number {
    const { deviation } = this;
    // Where there was never an error, any is one without measure.
    if (deviation === 0) return error === 0 ? 0 : Math.sign(error) * Number.POSITIVE_INFINITY;
    const scaled = error / deviation;
    return Number.isNaN(scaled) ? 0 : scaled;
  }

  /** Takes an error in; returns what of it should be learnt from. */
  learn(error: number): number {
    const { clip, errorRate } = this.#hyper;
    const most = clip * this.deviation;
    const learnt = most > 0 ? Math.min(most, Math.max(-most, error)) : error;
    this.#square += errorRate * (learnt * learnt - this.#square);
    this.#count += 1;
    return learnt;
  }

  save(): { square: number; errors: number } {
    return { square: this.#square, errors: this.#count };
  }
}
