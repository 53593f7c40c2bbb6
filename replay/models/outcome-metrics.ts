import type { Task } from "../../consumers/models/learners/learner.js";
import { Prequential, type Report } from "../../consumers/models/metrics/prequential.js";

/** Outcomes over which AUC is exact. */
const windowRows = 100_000;

/** Metrics of predictions against what was the case. */
export class OutcomeMetrics {
  readonly #metrics: Prequential;
  readonly #outputs: number;

  constructor(task: Task, outputs: number, threshold: number) {
    const classes = task === "classes" ? outputs : 2;
    const rule = task === "regression" ? "mean" : "rate";
    this.#metrics = new Prequential({ task, classes, windowRows, threshold, rule });
    this.#outputs = outputs;
  }

  add(label: number, outputs: readonly number[]): void {
    // Another model answered that predicts other classes.
    if (outputs.length === this.#outputs) this.#metrics.add(label, Float64Array.from(outputs), 0);
  }

  report(): Report {
    return this.#metrics.report();
  }
}
