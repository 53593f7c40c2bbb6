import { between, type Rules, whole } from "../../plugin/option-rules.js";
import { SeededRandom } from "../../runner/random.js";
import type { GraphBuilder } from "../onnx/graph-builder.js";
import { spreadRows } from "./k-means-start.js";
import type {
  LabelledRows,
  LearnerState,
  OnlineKind,
  OnlineLearner,
  Rows,
  Shape,
} from "./learner.js";
import { vectorIn } from "./network/network-state.js";

/** How many groups, and how their centres move. */
export interface KMeansHyper {
  readonly clusters: number;
  /** Rows, of the first ones, among which the centres' first places are chosen: all of them are in each commit until then. */
  readonly startRows: number;
  /** How much of the way to a row its centre goes at least; 0: centres settle at their rows' means. */
  readonly minRate: number;
}

/** Sets these random numbers apart from others of the same seed. */
const salt = 0x6b6d6561;

/**
 * k-means, one row at a time (MacQueen, "Some methods for classification and analysis of multivariate
 * observations", 1967; as stochastic gradient descent: Bottou and Bengio, "Convergence properties of the k-means
 * algorithms", 1995): the nearest centre goes to the mean of the rows that it was nearest to. The first places are
 * chosen among the first rows by k-means++. Until then every row is in cluster 0.
 */
class OnlineKMeans implements OnlineLearner {
  readonly task = "clusters";
  readonly outputs = 1;
  readonly stepRows = 1;
  readonly #shape: Shape;
  readonly #hyper: KMeansHyper;
  /** Rows that wait for the start. */
  readonly #waiting: number[];
  /** `clusters` × `width`; all zeros before the start. */
  readonly #centres: Float64Array;
  /** Weight of the rows that each centre was nearest to. */
  readonly #weights: Float64Array;
  #started: boolean;

  constructor(shape: Shape, hyper: KMeansHyper, state?: LearnerState) {
    this.#shape = shape;
    this.#hyper = hyper;
    const size = hyper.clusters * shape.width;
    const [centres, weights] = [new Float64Array(size), new Float64Array(hyper.clusters)];
    this.#centres = state ? vectorIn(state, "centres", centres) : centres;
    this.#weights = state ? vectorIn(state, "weights", weights) : weights;
    this.#waiting = [...((state?.waiting as Float64Array) ?? [])];
    this.#started = state?.started === true;
  }

  predict(rows: Rows): Float64Array {
    const answers = new Float64Array(rows.count);
    for (let row = 0; row < rows.count; row++)
      answers[row] = this.#nearest(rows.values, row * rows.width);
    return answers;
  }

  learn(rows: LabelledRows): void {
    for (let row = 0; row < rows.count; row++) {
      if (this.#started) this.#move(rows.values, row * rows.width, rows.weights[row]!);
      else this.#wait(rows.values.subarray(row * rows.width, (row + 1) * rows.width));
    }
  }

  save(): LearnerState {
    return {
      centres: this.#centres.slice(),
      weights: this.#weights.slice(),
      waiting: Float64Array.from(this.#waiting),
      started: this.#started,
    };
  }

  /** The squared distance less the row's own square, which is the same for all centres. */
  addTo(graph: GraphBuilder, input: string): string {
    const { clusters } = this.#hyper;
    const { width } = this.#shape;
    const squares = new Float32Array(clusters);
    for (let k = 0; k < clusters; k++)
      for (let c = 0; c < width; c++) squares[k]! += this.#centres[k * width + c]! ** 2;
    const centres = graph.constant([clusters, width], Float32Array.from(this.#centres));
    const distances = graph.node("Gemm", [input, centres, graph.constant([clusters], squares)], {
      alpha: { float: -2 },
      transB: 1,
    });
    const nearest = graph.node("ArgMin", [distances], { axis: 1, keepdims: 1 });
    return graph.node("Cast", [nearest], { to: 1 });
  }

  #wait(row: Float64Array): void {
    this.#waiting.push(...row);
    if (this.#waiting.length < this.#hyper.startRows * this.#shape.width) return;
    const rows = Float64Array.from(this.#waiting);
    this.#waiting.length = 0;
    const random = new SeededRandom();
    random.seed(this.#shape.seed, salt);
    this.#centres.set(spreadRows(rows, this.#shape.width, this.#hyper.clusters, random));
    this.#started = true;
    for (let first = 0; first < rows.length; first += row.length) this.#move(rows, first, 1);
  }

  #move(values: Float64Array, first: number, weight: number): void {
    if (weight === 0) return;
    const { width } = this.#shape;
    const nearest = this.#nearest(values, first);
    this.#weights[nearest]! += weight;
    const rate = Math.min(1, Math.max(this.#hyper.minRate, weight / this.#weights[nearest]!));
    const place = nearest * width;
    for (let c = 0; c < width; c++)
      this.#centres[place + c]! += rate * (values[first + c]! - this.#centres[place + c]!);
  }

  #nearest(values: Float64Array, first: number): number {
    const { width } = this.#shape;
    let nearest = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let k = 0, place = 0; place < this.#centres.length; k++, place += width) {
      let distance = 0;
      for (let c = 0; c < width; c++) {
        const apart = values[first + c]! - this.#centres[place + c]!;
        distance += apart * apart;
      }
      if (distance >= least) continue;
      least = distance;
      nearest = k;
    }
    return nearest;
  }
}

const hyper: Rules<KMeansHyper> = {
  clusters: whole(1, 1_000),
  startRows: whole(1, 10_000),
  minRate: between(0, 1),
};

/** Groups of rows, one row at a time, by k-means (MacQueen, 1967). Answers the number of the group, from 0. */
export const kMeans: OnlineKind<KMeansHyper> = {
  name: "kmeans",
  tasks: ["clusters"],
  scaled: true,
  hyper,
  defaults: { clusters: 8, startRows: 200, minRate: 0 },
  open: (shape, given, state) => new OnlineKMeans(shape, given, state),
};
