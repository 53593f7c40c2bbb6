import type { LabelledRows } from "../learner.js";
import type { LabelUnits } from "./label-scale.js";
import { targetsOf } from "./targets.js";

/** What some steps of equally many rows learn from, as the graph takes it: step after step. */
export interface Steps {
  readonly steps: number;
  /** Rows of each. */
  readonly count: number;
  /** Columns of a row. */
  readonly rows: Float32Array;
  readonly targets: Float32Array;
  /** A row's weight divided by the rows of its step: the loss is the mean of the weighted rows. */
  readonly shares: Float32Array;
  readonly rates: Float32Array;
}

/** Room for some steps, used again for the next ones: new memory for each would cost as much as a step. */
export class StepBatch implements Steps {
  readonly steps: number;
  readonly count: number;
  readonly rows: Float32Array;
  readonly targets: Float32Array;
  readonly shares: Float32Array;
  readonly rates: Float32Array;

  constructor(
    steps: number,
    count: number,
    { columns, outputs }: Record<"columns" | "outputs", number>,
  ) {
    this.steps = steps;
    this.count = count;
    this.rows = new Float32Array(steps * count * columns);
    this.targets = new Float32Array(steps * count * outputs);
    this.shares = new Float32Array(steps * count);
    this.rates = new Float32Array(steps);
  }

  /** Puts the rows of step `step`, and how far it goes. */
  put(
    step: number,
    rows: LabelledRows,
    { units, rate }: { units: LabelUnits; rate: number },
  ): void {
    const { count } = this;
    this.rates[step] = rate;
    this.rows.set(rows.values, step * rows.values.length);
    for (let row = 0; row < count; row++)
      this.shares[step * count + row] = rows.weights[row]! / count;
    const size = this.targets.length / this.steps;
    targetsOf(rows, units, this.targets.subarray(step * size, (step + 1) * size).fill(0));
  }
}
