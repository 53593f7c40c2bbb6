import type { Metrics } from "./metrics.js";
import { ratio, type Tally, type TallyState } from "./tally.js";

/** Of predicted values against those that came. Loss: the absolute error. */
export class RegressionTally implements Tally {
  #rows: number;
  #absolute: number;
  #squares: number;

  constructor(state?: TallyState) {
    this.#rows = (state?.rows as number | undefined) ?? 0;
    this.#absolute = (state?.absolute as number | undefined) ?? 0;
    this.#squares = (state?.squares as number | undefined) ?? 0;
  }

  add(label: number, outputs: Float64Array, at: number): number {
    const error = Math.abs(label - outputs[at]!);
    this.#rows++;
    this.#absolute += error;
    this.#squares += error * error;
    return error;
  }

  metrics(): Metrics {
    const meanSquare = ratio(this.#squares, this.#rows);
    return {
      rows: this.#rows,
      mae: ratio(this.#absolute, this.#rows),
      rmse: meanSquare === null ? null : Math.sqrt(meanSquare),
    };
  }

  get state(): TallyState {
    return { rows: this.#rows, absolute: this.#absolute, squares: this.#squares };
  }
}

/** Of anomaly scores, which need no label. */
export class ScoreTally implements Tally {
  #rows: number;
  #sum: number;
  #max: number;

  constructor(state?: TallyState) {
    this.#rows = (state?.rows as number | undefined) ?? 0;
    this.#sum = (state?.sum as number | undefined) ?? 0;
    this.#max = (state?.max as number | undefined) ?? 0;
  }

  add(_label: number, outputs: Float64Array, at: number): number {
    const score = outputs[at]!;
    this.#max = this.#rows === 0 ? score : Math.max(this.#max, score);
    this.#rows++;
    this.#sum += score;
    return 0;
  }

  metrics(): Metrics {
    const score = this.#rows === 0 ? null : { mean: this.#sum / this.#rows, max: this.#max };
    return { rows: this.#rows, score };
  }

  get state(): TallyState {
    return { rows: this.#rows, sum: this.#sum, max: this.#max };
  }
}

/** Of indices of clusters. */
export class ClusterTally implements Tally {
  readonly #counts: number[];

  constructor(state?: TallyState) {
    this.#counts = [...((state?.counts as readonly number[] | undefined) ?? [])];
  }

  add(_label: number, outputs: Float64Array, at: number): number {
    const cluster = outputs[at]!;
    while (this.#counts.length <= cluster) this.#counts.push(0);
    this.#counts[cluster]!++;
    return 0;
  }

  metrics(): Metrics {
    return {
      rows: this.#counts.reduce((sum, count) => sum + count, 0),
      clusters: [...this.#counts],
    };
  }

  get state(): TallyState {
    return { counts: [...this.#counts] };
  }
}
