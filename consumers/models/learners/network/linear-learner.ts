import type { GraphBuilder } from "../../onnx/graph-builder.js";
import type { LabelledRows, LearnerState, OnlineLearner, Rows, Task } from "../learner.js";
import { Descent } from "./descent.js";
import { addConstants, addForward } from "./forward-graph.js";
import { addToLabels, LabelScale, toLabels } from "./label-scale.js";
import type { LinearOptions } from "./linear-options.js";
import { sumsOf } from "./linear-sums.js";
import { applyLink } from "./link.js";
import { type NetworkSpec, parameterCount } from "./network-spec.js";
import { numbersIn, vectorIn } from "./network-state.js";
import { Newton } from "./newton.js";
import { targetsOf } from "./targets.js";

/**
 * A network without hidden layers, trained in 64-bit floats. Its steps are so small that a run of a graph
 * would cost more than all of them: for one row, 50 times as much.
 */
export class LinearLearner implements OnlineLearner {
  readonly task: Task;
  readonly outputs: number;
  readonly stepRows: number;
  readonly #spec: NetworkSpec;
  /** Newton steps are the same in any unit, so labels are scaled for descents only. */
  readonly #scaled: boolean;
  readonly #scale: LabelScale;
  readonly #solver: Descent | Newton;
  /** Weights, `outputs` for each column, then biases. */
  readonly #parameters: Float64Array;

  /** Begins with all parameters 0, or where `state` was saved. Throws STATE_CORRUPT. */
  constructor(options: LinearOptions, state?: LearnerState) {
    const { task, spec, stepRows, newton } = options;
    this.task = task;
    this.outputs = spec.layers.at(-1)!;
    this.stepRows = stepRows;
    this.#spec = spec;
    this.#scaled = task === "regression" && !newton;
    this.#scale = new LabelScale(state && numbersIn(state, "labels"));
    const empty = new Float64Array(parameterCount(spec));
    this.#parameters = state === undefined ? empty : vectorIn(state, "parameters", empty);
    this.#solver = newton ? new Newton(options, state) : new Descent(options, state);
  }

  predict(rows: Rows): Float64Array {
    const sums = sumsOf(this.#parameters, rows, this.outputs);
    return toLabels(applyLink(this.#spec.link, sums, this.outputs), this.#scale.units);
  }

  learn(rows: LabelledRows): void {
    if (this.#scaled) this.#scale.add(rows.labels);
    const room = new Float64Array(rows.count * this.outputs);
    this.#solver.learn(rows, targetsOf(rows, this.#scale.units, room), this.#parameters);
  }

  save(): LearnerState {
    return {
      labels: this.#scale.save(),
      parameters: this.#parameters.slice(),
      ...this.#solver.save(),
    };
  }

  addTo(graph: GraphBuilder, input: string): string {
    const layers = addConstants(graph, this.#spec, new Float32Array(this.#parameters));
    const { prediction } = addForward(graph, this.#spec, input, layers);
    return addToLabels(graph, prediction, this.#scale.units);
  }
}
