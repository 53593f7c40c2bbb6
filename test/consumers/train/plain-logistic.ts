import type {
  LabelledRows,
  LearnerState,
  OnlineKind,
  OnlineLearner,
  Rows,
} from "../../../consumers/models/learners/learner.js";
import type { GraphBuilder } from "../../../consumers/models/onnx/graph-builder.js";

interface PlainHyper {
  readonly rate: number;
  readonly stepRows: number;
}

/** Logistic regression as one would write it first: a kind of one's own. */
export const plainLogistic: OnlineKind<PlainHyper> = {
  name: "plain-logistic",
  tasks: ["binary"],
  scaled: true,
  hyper: { rate: () => undefined, stepRows: () => undefined },
  defaults: { rate: 0.05, stepRows: 1 },
  open: ({ width }, hyper, state) => new PlainLogistic(width, hyper, state),
};

class PlainLogistic implements OnlineLearner {
  readonly task = "binary";
  readonly outputs = 1;
  readonly stepRows: number;
  readonly #rate: number;
  /** The last one is the bias. */
  readonly #weights: Float64Array;

  constructor(width: number, { rate, stepRows }: PlainHyper, state?: LearnerState) {
    this.stepRows = stepRows;
    this.#rate = rate;
    this.#weights = (state?.weights as Float64Array | undefined) ?? new Float64Array(width + 1);
  }

  predict({ width, count, values }: Rows): Float64Array {
    return Float64Array.from({ length: count }, (_, row) => {
      let sum = this.#weights[width]!;
      for (let column = 0; column < width; column++)
        sum += this.#weights[column]! * values[row * width + column]!;
      return 1 / (1 + Math.exp(-sum));
    });
  }

  learn(rows: LabelledRows): void {
    const { width, count, values, labels, weights } = rows;
    const said = this.predict(rows);
    for (let row = 0; row < count; row++) {
      const step = (this.#rate * weights[row]! * (labels[row]! - said[row]!)) / count;
      for (let column = 0; column < width; column++)
        this.#weights[column]! += step * values[row * width + column]!;
      this.#weights[width]! += step;
    }
  }

  save(): LearnerState {
    return { weights: this.#weights.slice() };
  }

  addTo(graph: GraphBuilder, input: string): string {
    const width = this.#weights.length - 1;
    const weights = graph.constant([width, 1], Float32Array.from(this.#weights.subarray(0, width)));
    const bias = graph.constant([1], Float32Array.of(this.#weights[width]!));
    return graph.node("Sigmoid", [graph.node("Gemm", [input, weights, bias])]);
  }
}
