/** How well predictions were: what of it goes with the model's task. Nothing here is NaN: what cannot be told is null. */
export interface Metrics {
  /** Predictions that were compared with their labels. */
  readonly rows: number;
  /** Mean of −ln of the probability of what came; probabilities count as 1e-7 at least. */
  readonly logLoss?: number | null;
  /** The same with rows that count as much as their class does, where classes have weights. */
  readonly weightedLogLoss?: number | null;
  /** Area under the ROC curve: exact over a window, from 512 bins since the start. */
  readonly auc?: number | null;
  readonly accuracy?: number | null;
  /** At the threshold; of several classes the mean over those that were predicted, */
  readonly precision?: number | null;
  /** and over those that came. */
  readonly recall?: number | null;
  /** Mean squared error of the probabilities. */
  readonly brier?: number | null;
  /** Expected calibration error: how far probabilities are from frequencies, over ten bins of equal width. */
  readonly ece?: number | null;
  /** Those bins that are not empty. */
  readonly calibration?: readonly CalibrationBin[];
  readonly mae?: number | null;
  readonly rmse?: number | null;
  /** Of anomaly scores: their mean and the largest. */
  readonly score?: { readonly mean: number; readonly max: number } | null;
  /** Rows by cluster. */
  readonly clusters?: readonly number[];
}

/** Predictions of about the same probability. */
export interface CalibrationBin {
  readonly count: number;
  /** Mean of the probabilities. */
  readonly predicted: number;
  /** Share of those that were positive. */
  readonly actual: number;
}
