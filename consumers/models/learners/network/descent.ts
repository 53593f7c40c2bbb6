import type { LabelledRows, LearnerState } from "../learner.js";
import type { LinearOptions } from "./linear-options.js";
import { sumsOf } from "./linear-sums.js";
import { applyLink } from "./link.js";
import { adam, type NetworkSpec, parameterCount } from "./network-spec.js";
import { countIn, vectorIn } from "./network-state.js";
import { type RateOptions, stepRate } from "./step-rate.js";

/** Steps down a gradient in 64-bit floats, for networks without hidden layers. */
export class Descent {
  readonly #spec: NetworkSpec;
  readonly #rate: RateOptions;
  readonly #gradient: Float64Array;
  readonly #momentum: Float64Array;
  readonly #squares: Float64Array;
  #steps: number;

  /** At its first step, or where `state` was saved. Throws STATE_CORRUPT. */
  constructor({ spec, rate }: LinearOptions, state?: LearnerState) {
    this.#spec = spec;
    this.#rate = rate;
    this.#gradient = new Float64Array(parameterCount(spec));
    const empty = new Float64Array(spec.optimiser === "adam" ? parameterCount(spec) : 0);
    this.#steps = state === undefined ? 0 : countIn(state, "steps");
    this.#momentum = state === undefined ? empty : vectorIn(state, "momentum", empty);
    this.#squares = state === undefined ? empty.slice() : vectorIn(state, "squares", empty);
  }

  /** Changes the parameters by one step. */
  learn(rows: LabelledRows, targets: Float64Array, parameters: Float64Array): void {
    const outputs = this.#spec.layers.at(-1)!;
    const deltas = applyLink(this.#spec.link, sumsOf(parameters, rows, outputs), outputs);
    for (let index = 0; index < deltas.length; index++) {
      const weight = rows.weights[Math.floor(index / outputs)]!;
      deltas[index] = ((deltas[index]! - targets[index]!) * weight) / rows.count;
    }
    this.#accumulate(rows, deltas, outputs);
    this.#addPenalties(parameters);
    const rate = stepRate(this.#rate, this.#steps++);
    if (this.#spec.optimiser === "adam") this.#stepByAdam(rate, parameters);
    else
      for (let index = 0; index < parameters.length; index++)
        parameters[index]! -= rate * this.#gradient[index]!;
  }

  save(): LearnerState {
    return {
      steps: this.#steps,
      momentum: this.#momentum.slice(),
      squares: this.#squares.slice(),
    };
  }

  /** The gradient of the loss, from its derivatives by the rows' sums. */
  #accumulate({ values, width, count }: LabelledRows, deltas: Float64Array, outputs: number): void {
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

  /** Biases, which come last, have none. */
  #addPenalties(parameters: Float64Array): void {
    const { l1, l2, layers } = this.#spec;
    if (l1 === 0 && l2 === 0) return;
    const weights = parameters.length - layers.at(-1)!;
    for (let index = 0; index < weights; index++) {
      const weight = parameters[index]!;
      this.#gradient[index]! += l2 * weight + l1 * Math.sign(weight);
    }
  }

  #stepByAdam(rate: number, parameters: Float64Array): void {
    const { beta1, beta2, epsilon } = adam;
    const [gradient, momentum, squares] = [this.#gradient, this.#momentum, this.#squares];
    for (let index = 0; index < parameters.length; index++) {
      const slope = gradient[index]!;
      momentum[index] = beta1 * momentum[index]! + (1 - beta1) * slope;
      squares[index] = beta2 * squares[index]! + (1 - beta2) * slope * slope;
      parameters[index]! -= (rate * momentum[index]!) / (Math.sqrt(squares[index]!) + epsilon);
    }
  }
}
