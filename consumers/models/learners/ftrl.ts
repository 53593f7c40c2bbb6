import { between, type Rules } from "../../plugin/option-rules.js";
import type { GraphBuilder } from "../onnx/graph-builder.js";
import type { LabelledRows, LearnerState, OnlineKind, OnlineLearner, Rows } from "./learner.js";
import { vectorIn } from "./network/network-state.js";

/** How fast FTRL-proximal learns, and how it holds weights down. */
export interface FtrlHyper {
  /** The first steps' length. */
  readonly alpha: number;
  /** Makes the first steps shorter. */
  readonly beta: number;
  /** What a weight's gradients must add up to before it is more than 0: keeps most weights at 0. */
  readonly l1: number;
  readonly l2: number;
}

/**
 * Logistic regression by FTRL-proximal (McMahan et al., "Ad click prediction: a view from the trenches", 2013,
 * algorithm 1): a step length of its own for each weight, and weights that are exactly 0 until
 * the evidence for them is stronger than `l1`. The bias, which is the last weight, is not held down.
 */
class FtrlLogistic implements OnlineLearner {
  readonly task = "binary";
  readonly outputs = 1;
  readonly stepRows = 1;
  readonly #hyper: FtrlHyper;
  /** Sums of squared gradients. */
  readonly #squares: Float64Array;
  /** Sums of gradients, less what steps of their own length have answered. */
  readonly #sums: Float64Array;
  readonly #weights: Float64Array;

  constructor(width: number, hyper: FtrlHyper, state?: LearnerState) {
    this.#hyper = hyper;
    const none = new Float64Array(width + 1);
    this.#sums = state ? vectorIn(state, "sums", none) : none;
    this.#squares = state ? vectorIn(state, "squares", this.#sums) : new Float64Array(width + 1);
    this.#weights = this.#sums.map((_, i) => this.#weightOf(i));
  }

  predict(rows: Rows): Float64Array {
    const answers = new Float64Array(rows.count);
    for (let row = 0; row < rows.count; row++)
      answers[row] = this.#answer(rows.values, row * rows.width);
    return answers;
  }

  learn(rows: LabelledRows): void {
    const bias = rows.width;
    for (let row = 0; row < rows.count; row++) {
      const first = row * rows.width;
      const error = (this.#answer(rows.values, first) - rows.labels[row]!) * rows.weights[row]!;
      for (let c = 0; c < bias; c++) this.#step(c, error * rows.values[first + c]!);
      this.#step(bias, error);
    }
  }

  save(): LearnerState {
    return { squares: this.#squares.slice(), sums: this.#sums.slice() };
  }

  addTo(graph: GraphBuilder, input: string): string {
    const width = this.#weights.length - 1;
    const weights = graph.constant([width, 1], Float32Array.from(this.#weights.subarray(0, width)));
    const bias = graph.constant([1], Float32Array.of(this.#weights[width]!));
    return graph.node("Sigmoid", [graph.node("Gemm", [input, weights, bias])]);
  }

  #answer(values: Float64Array, first: number): number {
    const weights = this.#weights;
    const width = weights.length - 1;
    let sum = weights[width]!;
    for (let c = 0; c < width; c++) sum += weights[c]! * values[first + c]!;
    return 1 / (1 + Math.exp(-sum));
  }

  #step(i: number, gradient: number): void {
    if (gradient === 0) return;
    const before = this.#squares[i]!;
    const after = before + gradient * gradient;
    const step = (Math.sqrt(after) - Math.sqrt(before)) / this.#hyper.alpha;
    this.#sums[i]! += gradient - step * this.#weights[i]!;
    this.#squares[i] = after;
    this.#weights[i] = this.#weightOf(i);
  }

  #weightOf(i: number): number {
    const { alpha, beta, l1, l2 } = this.#hyper;
    const sum = this.#sums[i]!;
    const isBias = i === this.#sums.length - 1;
    const least = isBias ? 0 : l1;
    if (Math.abs(sum) <= least) return 0;
    const shrink = (beta + Math.sqrt(this.#squares[i]!)) / alpha + (isBias ? 0 : l2);
    return (Math.sign(sum) * least - sum) / shrink;
  }
}

const hyper: Rules<FtrlHyper> = {
  alpha: between(1e-6, 100),
  beta: between(0, 1e6),
  l1: between(0, 1e6),
  l2: between(0, 1e6),
};

/** Logistic regression, one row at a time, by FTRL-proximal (McMahan et al., 2013). */
export const ftrl: OnlineKind<FtrlHyper> = {
  name: "ftrl",
  tasks: ["binary"],
  scaled: true,
  hyper,
  defaults: { alpha: 0.1, beta: 1, l1: 0, l2: 0 },
  open: ({ width }, given, state) => new FtrlLogistic(width, given, state),
};
