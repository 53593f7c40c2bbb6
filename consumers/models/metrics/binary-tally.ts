import { aucBins, binnedAuc } from "./auc.js";
import type { CalibrationBin, Metrics } from "./metrics.js";
import { logLossOf, ratio, type Tally, type TallyState } from "./tally.js";

const calibrationBins = 10;

interface BinaryState {
  readonly counts: readonly number[];
  readonly sums: readonly number[];
  readonly calibration: readonly number[];
  readonly positives: readonly number[];
  readonly negatives: readonly number[];
}

/** Of probabilities of class 1 against labels 0 and 1. */
export class BinaryTally implements Tally {
  readonly #threshold: number;
  /** True and false positives, false and true negatives. */
  readonly #counts: Float64Array;
  /** Of log loss and of squared errors. */
  readonly #sums: Float64Array;
  /** Count, sum of probabilities and positives of each bin. */
  readonly #calibration: Float64Array;
  readonly #positives: Float64Array;
  readonly #negatives: Float64Array;

  constructor(threshold: number, state?: TallyState) {
    const stored = state as unknown as BinaryState | undefined;
    this.#threshold = threshold;
    this.#counts = Float64Array.from(stored?.counts ?? [0, 0, 0, 0]);
    this.#sums = Float64Array.from(stored?.sums ?? [0, 0]);
    this.#calibration = arrayOf(3 * calibrationBins, stored?.calibration);
    this.#positives = arrayOf(aucBins, stored?.positives);
    this.#negatives = arrayOf(aucBins, stored?.negatives);
  }

  add(label: number, outputs: Float64Array, at: number): number {
    const probability = outputs[at]!;
    const isPositive = label === 1;
    const loss = logLossOf(isPositive ? probability : 1 - probability);
    const isPredicted = probability >= this.#threshold;
    this.#counts[isPredicted ? (isPositive ? 0 : 1) : isPositive ? 2 : 3]!++;
    this.#sums[0]! += loss;
    this.#sums[1]! += (label - probability) ** 2;
    const bin = 3 * binOf(probability, calibrationBins);
    this.#calibration[bin]!++;
    this.#calibration[bin + 1]! += probability;
    this.#calibration[bin + 2]! += label;
    (isPositive ? this.#positives : this.#negatives)[binOf(probability, aucBins)]!++;
    return loss;
  }

  metrics(): Metrics {
    const [hits, alarms, missed, passed] = this.#counts as unknown as [
      number,
      number,
      number,
      number,
    ];
    const rows = hits + alarms + missed + passed;
    const calibration = this.#bins();
    const apart = calibration.reduce(
      (sum, { count, predicted, actual }) => sum + count * Math.abs(predicted - actual),
      0,
    );
    return {
      rows,
      logLoss: ratio(this.#sums[0]!, rows),
      auc: binnedAuc(this.#positives, this.#negatives),
      accuracy: ratio(hits + passed, rows),
      precision: ratio(hits, hits + alarms),
      recall: ratio(hits, hits + missed),
      brier: ratio(this.#sums[1]!, rows),
      ece: ratio(apart, rows),
      calibration,
    };
  }

  get state(): TallyState {
    return {
      counts: [...this.#counts],
      sums: [...this.#sums],
      calibration: [...this.#calibration],
      positives: [...this.#positives],
      negatives: [...this.#negatives],
    };
  }

  #bins(): CalibrationBin[] {
    return Array.from({ length: calibrationBins }, (_, index) => {
      const [count, sum, positives] = this.#calibration.subarray(3 * index, 3 * index + 3);
      return { count: count!, predicted: sum! / count!, actual: positives! / count! };
    }).filter(({ count }) => count > 0);
  }
}

function binOf(probability: number, bins: number): number {
  return Math.min(bins - 1, Math.max(0, Math.floor(probability * bins)));
}

function arrayOf(length: number, stored: readonly number[] | undefined): Float64Array {
  return stored === undefined ? new Float64Array(length) : Float64Array.from(stored);
}
