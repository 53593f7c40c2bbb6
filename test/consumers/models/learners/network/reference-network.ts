import {
  type LayerPlace,
  type NetworkSpec,
  parameterCount,
  placesOf,
} from "../../../../../consumers/models/learners/network/network-spec.js";

/** A step's rows, targets [rows, outputs] and shares, in 64-bit floats. */
export interface Step {
  readonly rows: readonly (readonly number[])[];
  readonly targets: readonly (readonly number[])[];
  readonly shares: readonly number[];
}

/** A dense network in 64-bit floats, written row by row from the formulas: what graphs are compared with. */
export class ReferenceNetwork {
  readonly parameters: Float64Array;
  readonly #spec: NetworkSpec;
  readonly #places: readonly LayerPlace[];
  readonly #momentum: Float64Array;
  readonly #squares: Float64Array;

  constructor(spec: NetworkSpec, parameters: ArrayLike<number>) {
    this.#spec = spec;
    this.#places = placesOf(spec);
    this.parameters = Float64Array.from(parameters);
    this.#momentum = new Float64Array(parameterCount(spec));
    this.#squares = new Float64Array(parameterCount(spec));
  }

  predict(row: readonly number[]): number[] {
    return this.#forward(row).at(-1)!;
  }

  /** Weighted loss of a step, penalties included. */
  loss({ rows, targets, shares }: Step): number {
    const { link, l1, l2 } = this.#spec;
    const total = rows.map((row, index) => {
      const found = this.predict(row);
      const wanted = targets[index]!;
      const parts = found.map((value, output) => {
        const target = wanted[output]!;
        if (link === "identity") return (value - target) ** 2 / 2;
        if (link === "softmax") return -target * Math.log(value);
        return -target * Math.log(value) - (1 - target) * Math.log(1 - value);
      });
      return shares[index]! * sum(parts);
    });
    const weights = this.#places.flatMap(({ at, biasesAt }) => [
      ...this.parameters.subarray(at, biasesAt),
    ]);
    return sum(total) + sum(weights.map((w) => l1 * Math.abs(w) + (l2 * w * w) / 2));
  }

  gradient({ rows, targets, shares }: Step): Float64Array {
    const gradient = new Float64Array(this.parameters.length);
    rows.forEach((row, index) => {
      const layers = this.#forward(row);
      let delta = layers.at(-1)!.map((value, k) => (value - targets[index]![k]!) * shares[index]!);
      for (let layer = this.#places.length - 1; layer >= 0; layer--)
        delta = this.#backward(this.#places[layer]!, layers[layer]!, delta, gradient);
    });
    for (const { at, biasesAt } of this.#places)
      for (let index = at; index < biasesAt; index++) {
        const weight = this.parameters[index]!;
        gradient[index]! += this.#spec.l2 * weight + this.#spec.l1 * Math.sign(weight);
      }
    return gradient;
  }

  learn(step: Step, rate: number): void {
    this.gradient(step).forEach((slope, index) => {
      if (this.#spec.optimiser === "sgd") {
        this.parameters[index]! -= rate * slope;
        return;
      }
      const momentum = 0.9 * this.#momentum[index]! + 0.1 * slope;
      const squares = 0.999 * this.#squares[index]! + 0.001 * slope ** 2;
      this.#momentum[index] = momentum;
      this.#squares[index] = squares;
      this.parameters[index]! -= (rate * momentum) / (Math.sqrt(squares) + 1e-8);
    });
  }

  /** What goes into each layer, and what comes out of the last. */
  #forward(row: readonly number[]): number[][] {
    const layers = [[...row]];
    this.#places.forEach(({ inputs, outputs, at, biasesAt }, layer) => {
      const before = layers.at(-1)!;
      const sums = Array.from({ length: outputs }, (_, k) => {
        const products = Array.from(
          { length: inputs },
          (_, i) => before[i]! * this.parameters[at + i * outputs + k]!,
        );
        return this.parameters[biasesAt + k]! + sum(products);
      });
      layers.push(
        layer === this.#places.length - 1 ? this.#link(sums) : sums.map((z) => this.#act(z)),
      );
    });
    return layers;
  }

  /** Adds to the gradient; returns the derivatives by the sums of the layer before. */
  #backward(
    { inputs, outputs, at, biasesAt }: LayerPlace,
    input: readonly number[],
    delta: readonly number[],
    gradient: Float64Array,
  ): number[] {
    return Array.from({ length: inputs }, (_, i) => {
      let back = 0;
      for (let k = 0; k < outputs; k++) {
        back += delta[k]! * this.parameters[at + i * outputs + k]!;
        gradient[at + i * outputs + k]! += input[i]! * delta[k]!;
        if (i === 0) gradient[biasesAt + k]! += delta[k]!;
      }
      const slope = this.#spec.activation === "relu" ? Math.sign(input[i]!) : 1 - input[i]! ** 2;
      return back * slope;
    });
  }

  #act(value: number): number {
    return this.#spec.activation === "relu" ? Math.max(0, value) : Math.tanh(value);
  }

  #link(sums: number[]): number[] {
    if (this.#spec.link === "identity") return sums;
    if (this.#spec.link === "sigmoid") return sums.map((value) => 1 / (1 + Math.exp(-value)));
    const powers = sums.map(Math.exp);
    return powers.map((value) => value / sum(powers));
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
