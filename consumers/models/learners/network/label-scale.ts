import type { GraphBuilder } from "../../onnx/graph-builder.js";

/** What one unit of a network's output is in labels, and where its 0 is. */
export interface LabelUnits {
  readonly mean: number;
  readonly deviation: number;
}

/**
 * Mean and deviation of the labels so far, by Welford's method (Knuth, "The art of computer programming",
 * volume 2, section 4.2.2): a network learns numbers around 0, whatever the labels' unit is.
 */
export class LabelScale {
  #count: number;
  #mean: number;
  #squares: number;

  /** `saved` is what `save` gave. */
  constructor([count = 0, mean = 0, squares = 0]: readonly number[] = []) {
    this.#count = count;
    this.#mean = mean;
    this.#squares = squares;
  }

  /** Those of the labels so far: deviation 1 as long as all were the same. */
  get units(): LabelUnits {
    const variance = this.#count === 0 ? 0 : this.#squares / this.#count;
    return { mean: this.#mean, deviation: variance > 0 ? Math.sqrt(variance) : 1 };
  }

  add(labels: Float64Array): void {
    for (const label of labels) {
      const before = label - this.#mean;
      this.#mean += before / ++this.#count;
      this.#squares += before * (label - this.#mean);
    }
  }

  save(): readonly number[] {
    return [this.#count, this.#mean, this.#squares];
  }
}

/** Outputs in labels. */
export function toLabels(
  outputs: Float32Array | Float64Array,
  { mean, deviation }: LabelUnits,
): Float64Array {
  const labels = new Float64Array(outputs.length);
  for (let index = 0; index < labels.length; index++)
    labels[index] = outputs[index]! * deviation + mean;
  return labels;
}

/** The same as nodes of a graph. */
export function addToLabels(
  graph: GraphBuilder,
  outputs: string,
  { mean, deviation }: LabelUnits,
): string {
  if (mean === 0 && deviation === 1) return outputs;
  const scaled = graph.node("Mul", [outputs, graph.constant([1], Float32Array.of(deviation))]);
  return graph.node("Add", [scaled, graph.constant([1], Float32Array.of(mean))]);
}
