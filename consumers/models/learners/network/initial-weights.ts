import { SeededRandom } from "../../../runner/random.js";
import { type NetworkSpec, parameterCount, placesOf } from "./network-spec.js";

/** Sets these random numbers apart from other uses of a seed. */
const salt = 0x6e657477;

/**
 * Where learning begins: biases 0, weights uniform around 0. Before relu after He et al. ("Delving deep into
 * rectifiers", 2015), otherwise after Glorot and Bengio ("Understanding the difficulty of training deep
 * feedforward neural networks", 2010).
 */
export function initialWeights(spec: NetworkSpec, seed: number): Float32Array {
  const random = new SeededRandom();
  random.seed(seed, salt);
  const parameters = new Float32Array(parameterCount(spec));
  const places = placesOf(spec);
  for (const place of places) {
    const { inputs, outputs, at, biasesAt } = place;
    const beforeRelu = spec.activation === "relu" && place !== places.at(-1);
    const bound = Math.sqrt(6 / (beforeRelu ? inputs : inputs + outputs));
    for (let index = at; index < biasesAt; index++)
      parameters[index] = (2 * random.next() - 1) * bound;
  }
  return parameters;
}
