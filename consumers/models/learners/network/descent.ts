import type { LearnerState } from "../learner.js";
import { adam, type NetworkSpec, parameterCount } from "./network-spec.js";
import { countIn, vectorIn } from "./network-state.js";
import { type RateOptions, stepRate } from "./step-rate.js";

/** Steps down a gradient in 64-bit floats, for networks without hidden layers. */
export class Descent {
  readonly #spec: NetworkSpec;
  readonly #rate: RateOptions;
  readonly #momentum: Float64Array;
  readonly #squares: Float64Array;
  #steps: number;

  /** At its first step, or where `state` was saved. Throws STATE_CORRUPT. */
  constructor(spec: NetworkSpec, rate: RateOptions, state?: LearnerState) {
    this.#spec = spec;
    this.#rate = rate;
    const empty = new Float64Array(spec.optimiser === "adam" ? parameterCount(spec) : 0);
    this.#steps = state === undefined ? 0 : countIn(state, "steps");
    this.#momentum = state === undefined ? empty : vectorIn(state, "momentum", empty);
    this.#squares = state === undefined ? empty.slice() : vectorIn(state, "squares", empty);
  }

  /** Changes the parameters by the loss's gradient, to which it adds the penalties. */
  step(parameters: Float64Array, gradient: Float64Array): void {
    this.#addPenalties(parameters, gradient);
    const rate = stepRate(this.#rate, this.#steps++);
    if (this.#spec.optimiser === "adam") this.#stepByAdam(rate, parameters, gradient);
    else
      for (let index = 0; index < parameters.length; index++)
        parameters[index]! -= rate * gradient[index]!;
  }

  save(): LearnerState {
    return {
      steps: this.#steps,
      momentum: this.#momentum.slice(),
      squares: this.#squares.slice(),
    };
  }

  /** Biases, which come last, have none. */
  #addPenalties(parameters: Float64Array, gradient: Float64Array): void {
    const { l1, l2, layers } = this.#spec;
    if (l1 === 0 && l2 === 0) return;
    const weights = parameters.length - layers.at(-1)!;
    for (let index = 0; index < weights; index++) {
      const weight = parameters[index]!;
      gradient[index]! += l2 * weight + l1 * Math.sign(weight);
    }
  }

  #stepByAdam(rate: number, parameters: Float64Array, gradient: Float64Array): void {
    const { beta1, beta2, epsilon } = adam;
    const [momentum, squares] = [this.#momentum, this.#squares];
    for (let index = 0; index < parameters.length; index++) {
      const slope = gradient[index]!;
      momentum[index] = beta1 * momentum[index]! + (1 - beta1) * slope;
      squares[index] = beta2 * squares[index]! + (1 - beta2) * slope * slope;
      parameters[index]! -= (rate * momentum[index]!) / (Math.sqrt(squares[index]!) + epsilon);
    }
  }
}
