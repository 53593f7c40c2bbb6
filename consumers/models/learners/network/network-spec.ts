/** What a hidden layer does to its sums. */
export type Activation = "relu" | "tanh";

/** What makes predictions of the last layer's sums: nothing, the logistic function, or softmax. */
export type Link = "identity" | "sigmoid" | "softmax";

/**
 * Stochastic gradient descent, or Adam (Kingma and Ba, "Adam: a method for stochastic optimization",
 * 2015), with its usual constants.
 */
export type Optimiser = "sgd" | "adam";

/** Adam's constants: how long it remembers gradients and their squares, and what keeps it from dividing by 0. */
export const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/**
 * A dense network and how it learns. The loss fits the link, so that its derivative by the last layer's
 * sums is prediction - target for all three: half the squared error, log loss, cross entropy.
 */
export interface NetworkSpec {
  /** Widths of the layers, from the columns of the rows to the outputs: at least these two. */
  readonly layers: readonly number[];
  readonly activation: Activation;
  readonly link: Link;
  readonly optimiser: Optimiser;
  /** Added to the loss, per weight (biases excepted): l1 |w| + l2 w² / 2. */
  readonly l1: number;
  readonly l2: number;
}

/** Where the weights and biases of one layer lie in the vector of all parameters. */
export interface LayerPlace {
  readonly inputs: number;
  readonly outputs: number;
  /** Weights: `inputs` rows of `outputs`. Behind them the biases, one per output. */
  readonly at: number;
  readonly biasesAt: number;
  readonly end: number;
}

/**
 * All parameters of a network are one vector, so that the optimiser is a few operations on vectors
 * however many layers there are: each layer's weights, then its biases.
 */
export function placesOf({ layers }: Pick<NetworkSpec, "layers">): LayerPlace[] {
  let at = 0;
  return layers.slice(1).map((outputs, index) => {
    const inputs = layers[index]!;
    const biasesAt = at + inputs * outputs;
    const place = { inputs, outputs, at, biasesAt, end: biasesAt + outputs };
    at = place.end;
    return place;
  });
}

/** How many parameters a network has. */
export function parameterCount(spec: Pick<NetworkSpec, "layers">): number {
  return placesOf(spec).at(-1)!.end;
}
