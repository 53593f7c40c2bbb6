import type { GraphBuilder } from "../models/onnx/graph-builder.js";
import { SeededRandom } from "../runner/random.js";

/** Sets the draws of rows apart from other uses of the seed. */
const drawSalt = 0x5a3f;

/**
 * Which rows of a class that is there too often are learnt from. Each row's draw depends on its number alone, so it
 * is the same after a restart.
 */
export class Downsampling {
  readonly #keep: readonly number[];
  readonly #seed: number;
  readonly #random = new SeededRandom();

  constructor(keep: readonly number[], seed: number) {
    this.#keep = keep;
    this.#seed = seed;
  }

  /** Whether the row of that number is learnt from. */
  takes(label: number, row: number): boolean {
    const share = this.#keep[label]!;
    if (share >= 1) return true;
    this.#random.seed(row, drawSalt ^ this.#seed);
    return this.#random.next() < share;
  }

  /** Labels of rows that were drawn as they would be of all: each as often as it stands for rows. */
  *all(labels: Float64Array): Iterable<number> {
    const due = this.#keep.map(() => 0);
    for (const label of labels)
      for (due[label]! += 1 / this.#keep[label]!; due[label]! >= 1; due[label]!--) yield label;
  }

  /**
   * Makes what a model that saw only a share of a class says into what it would say of all: odds are divided by the
   * shares (Dal Pozzolo et al., "Calibrating probability with undersampling", 2015). Changes `outputs`.
   */
  correct(outputs: Float64Array): Float64Array {
    const keep = this.#keep;
    if (keep.length === 2) {
      for (let at = 0; at < outputs.length; at++) {
        const yes = outputs[at]! / keep[1]!;
        outputs[at] = yes / (yes + (1 - outputs[at]!) / keep[0]!);
      }
      return outputs;
    }
    for (let from = 0; from < outputs.length; from += keep.length) {
      let sum = 0;
      for (let at = 0; at < keep.length; at++) sum += outputs[from + at]! / keep[at]!;
      for (let at = 0; at < keep.length; at++) outputs[from + at]! /= keep[at]! * sum;
    }
    return outputs;
  }

  /** Adds the same to a graph. */
  addTo(graph: GraphBuilder, value: string): string {
    const constant = (numbers: readonly number[]): string =>
      graph.constant([numbers.length], Float32Array.from(numbers));
    if (this.#keep.length === 2) {
      const yes = graph.node("Div", [value, constant([this.#keep[1]!])]);
      const rest = graph.node("Sub", [constant([1]), value]);
      const no = graph.node("Div", [rest, constant([this.#keep[0]!])]);
      return graph.node("Div", [yes, graph.node("Add", [yes, no])]);
    }
    const shares = graph.node("Div", [value, constant(this.#keep)]);
    const sum = graph.node("ReduceSum", [shares, graph.constant([1], BigInt64Array.of(1n))]);
    return graph.node("Div", [shares, sum]);
  }
}

/** How much rows count, by class. */
export class ClassWeights {
  readonly #fixed: readonly number[] | undefined;
  /** Rows by class so far, each class one more than came. */
  readonly #counts: number[];

  constructor(
    weights: "balanced" | readonly number[] | undefined,
    classes: number,
    counts?: readonly number[],
  ) {
    this.#fixed = weights === "balanced" ? undefined : (weights ?? Array<number>(classes).fill(1));
    this.#counts = counts === undefined ? Array<number>(classes).fill(1) : [...counts];
  }

  /** The weight of the next row, of which the class is `label`. */
  next(label: number): number {
    if (this.#fixed === undefined) this.#counts[label]!++;
    return this.of(label);
  }

  /** The weight of rows of class `label`, as it is now. */
  of(label: number): number {
    if (this.#fixed !== undefined) return this.#fixed[label] ?? 1;
    const total = this.#counts.reduce((sum, count) => sum + count, 0);
    return total / (this.#counts.length * this.#counts[label]!);
  }

  get counts(): readonly number[] {
    return [...this.#counts];
  }
}
