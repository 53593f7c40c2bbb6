import type { GraphBuilder } from "../../onnx/graph-builder.js";
import type { LabelledRows, LearnerState, OnlineLearner, Rows, Task } from "../learner.js";
import { Descent } from "./descent.js";
import { addConstants, addForward } from "./forward-graph.js";
import { addToLabels, LabelScale, toLabels } from "./label-scale.js";
import { applyLink } from "./link.js";
import { type NetworkSpec, parameterCount } from "./network-spec.js";
import { numbersIn, vectorIn } from "./network-state.js";
import type { RateOptions } from "./step-rate.js";
import { targetsOf } from "./targets.js";

export interface LinearOptions {
  readonly task: Task;
  /** Without hidden layers. */
  readonly spec: NetworkSpec;
  readonly rate: RateOptions;
  readonly stepRows: number;
}

/**
 * A network without hidden layers, trained in 64-bit floats. Its steps are so small that a run of a graph
 * would cost more than all of them: for one row, 50 times as much.
 */
export class LinearLearner implements OnlineLearner {
  readonly task: Task;
  readonly outputs: number;
  readonly stepRows: number;
  readonly #spec: NetworkSpec;
  readonly #scale: LabelScale;
  readonly #descent: Descent;
  /** Weights, `outputs` for each column, then biases. */
  readonly #parameters: Float64Array;
  readonly #gradient: Float64Array;

  /** Begins with all parameters 0, or where `state` was saved. Throws STATE_CORRUPT. */
  constructor({ task, spec, rate, stepRows }: LinearOptions, state?: LearnerState) {
    this.task = task;
    this.outputs = spec.layers.at(-1)!;
    this.stepRows = stepRows;
    this.#spec = spec;
    const empty = new Float64Array(parameterCount(spec));
    this.#scale = new LabelScale(state && numbersIn(state, "labels"));
    this.#parameters = state === undefined ? empty : vectorIn(state, "parameters", empty);
    this.#gradient = new Float64Array(empty.length);
    this.#descent = new Descent(spec, rate, state);
  }

  predict(rows: Rows): Float64Array {
    return toLabels(this.#outputsFor(rows), this.#scale.units);
  }

  learn(rows: LabelledRows): void {
    if (this.task === "regression") this.#scale.add(rows.labels);
    const { count } = rows;
    const errors = this.#outputsFor(rows);
    const targets = targetsOf(rows, this.#scale.units, new Float64Array(errors.length));
    for (let index = 0; index < errors.length; index++) {
      const weight = rows.weights[Math.floor(index / this.outputs)]!;
      errors[index] = ((errors[index]! - targets[index]!) * weight) / count;
    }
    this.#accumulate(rows, errors);
    this.#descent.step(this.#parameters, this.#gradient);
  }

  save(): LearnerState {
    return {
      labels: this.#scale.save(),
      parameters: this.#parameters.slice(),
      ...this.#descent.save(),
    };
  }

  addTo(graph: GraphBuilder, input: string): string {
    const layers = addConstants(graph, this.#spec, new Float32Array(this.#parameters));
    const { prediction } = addForward(graph, this.#spec, input, layers);
    return addToLabels(graph, prediction, this.#scale.units);
  }

  #outputsFor({ values, width, count }: Rows): Float64Array {
    const { outputs } = this;
    const parameters = this.#parameters;
    const result = new Float64Array(count * outputs);
    const biasesAt = width * outputs;
    for (let row = 0; row < count; row++)
      for (let output = 0; output < outputs; output++) {
        let sum = parameters[biasesAt + output]!;
        for (let column = 0; column < width; column++)
          sum += values[row * width + column]! * parameters[column * outputs + output]!;
        result[row * outputs + output] = sum;
      }
    return applyLink(this.#spec.link, result, outputs);
  }

  /** The gradient of the loss, from its derivatives by the rows' sums. */
  #accumulate({ values, width, count }: Rows, deltas: Float64Array): void {
    const { outputs } = this;
    const gradient = this.#gradient.fill(0);
    const biasesAt = width * outputs;
    for (let row = 0; row < count; row++)
      for (let output = 0; output < outputs; output++) {
        const delta = deltas[row * outputs + output]!;
        gradient[biasesAt + output]! += delta;
        for (let column = 0; column < width; column++)
          gradient[column * outputs + output]! += delta * values[row * width + column]!;
      }
  }
}
