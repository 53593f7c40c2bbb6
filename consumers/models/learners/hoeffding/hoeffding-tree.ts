import type { GraphBuilder } from "../../onnx/graph-builder.js";
import { EnsembleNode } from "../../trees/ensemble-node.js";
import type { LabelledRows, LearnerState, OnlineLearner, Rows, Shape, Task } from "../learner.js";
import { numbersIn, vectorIn } from "../network/network-state.js";
import { type ColumnSplit, LeafStatistics } from "./leaf-statistics.js";

/** When a Hoeffding tree splits. */
export interface HoeffdingHyper {
  /** Weight of rows that a leaf takes before a split is tried, and tried again. */
  readonly grace: number;
  /** Chance that a split is not the best one. */
  readonly delta: number;
  /** Splits that are this close to each other are as good as equal. */
  readonly tie: number;
  readonly maxLeaves: number;
}

/**
 * A Hoeffding tree (Domingos and Hulten, "Mining high-speed data streams", 2000): a leaf is split once so many rows
 * were seen that, by Hoeffding's bound, the best split by information gain is the best one of all with a chance of at least
 * 1 - delta. Columns are observed as normal distributions. A leaf answers the classes' shares among its rows, one row
 * of each added, so that no class is impossible. Rows with a missing value go left.
 */
export class HoeffdingTree implements OnlineLearner {
  readonly task: Task;
  readonly outputs: number;
  readonly stepRows = 1;
  readonly #shape: Shape;
  readonly #hyper: HoeffdingHyper;
  /** By node: the column asked about, the threshold, and the left child (0: a leaf; the right one stands behind it). */
  readonly #features: number[];
  readonly #thresholds: number[];
  readonly #left: number[];
  /** By node: undefined for those that are split. */
  readonly #leaves: (LeafStatistics | undefined)[];
  readonly #row: Float32Array;

  constructor(shape: Shape, hyper: HoeffdingHyper, state?: LearnerState) {
    this.task = shape.task;
    this.outputs = shape.task === "binary" ? 1 : shape.classes;
    this.#shape = shape;
    this.#hyper = hyper;
    this.#row = new Float32Array(shape.width);
    const nodes = state ? numbersIn(state, "left") : [0];
    this.#left = [...nodes];
    this.#features = state ? [...numbersIn(state, "features")] : [0];
    const thresholds = new Float32Array(nodes.length);
    this.#thresholds = [...(state ? vectorIn(state, "thresholds", thresholds) : thresholds)];
    const { width, classes } = shape;
    const length = LeafStatistics.lengthOf(width, classes);
    const none = new Float64Array(length * nodes.filter((child) => child === 0).length);
    const saved = state ? vectorIn(state, "leaves", none) : none;
    let at = 0;
    this.#leaves = nodes.map((child) => {
      if (child !== 0) return undefined;
      at += length;
      return new LeafStatistics(width, classes, saved.slice(at - length, at));
    });
  }

  predict(rows: Rows): Float64Array {
    const answers = new Float64Array(rows.count * this.outputs);
    for (let row = 0; row < rows.count; row++) {
      const { weights } = this.#leaves[this.#find(rows, row)]!;
      const total = sumOf(weights) + weights.length;
      // Of two classes, the second one's chance tells both.
      const first = this.outputs === 1 ? 1 : 0;
      for (let k = 0; k < this.outputs; k++)
        answers[row * this.outputs + k] = (weights[first + k]! + 1) / total;
    }
    return answers;
  }

  learn(rows: LabelledRows): void {
    for (let row = 0; row < rows.count; row++) {
      if (rows.weights[row] === 0) continue;
      const node = this.#find(rows, row);
      const leaf = this.#leaves[node]!;
      leaf.add(this.#row, rows.labels[row]!, rows.weights[row]!);
      if (leaf.due(this.#hyper.grace)) this.#try(node, leaf);
    }
  }

  save(): LearnerState {
    return {
      features: [...this.#features],
      thresholds: Float32Array.from(this.#thresholds),
      left: [...this.#left],
      leaves: Float64Array.from(this.#leaves.flatMap((leaf) => [...(leaf?.numbers ?? [])])),
    };
  }

  addTo(graph: GraphBuilder, input: string): string {
    const ensemble = new EnsembleNode();
    for (let node = 0; node < this.#left.length; node++) this.#export(ensemble, node);
    return ensemble.addTo(graph, input, new Array(this.outputs).fill(0));
  }

  #export(ensemble: EnsembleNode, node: number): void {
    const left = this.#left[node]!;
    const leaf = this.#leaves[node];
    if (leaf === undefined) {
      const split = { feature: this.#features[node]!, threshold: this.#thresholds[node]! };
      ensemble.branch(0, node, { ...split, left, right: left + 1 });
      return;
    }
    const total = leaf.weight + this.#shape.classes;
    const shares = [...leaf.weights].map((weight) => (weight + 1) / total);
    const [first = 0, ...more] = shares.slice(this.outputs === 1 ? 1 : 0);
    ensemble.leaf(0, node, 0, first);
    more.forEach((share, k) => {
      ensemble.add(0, node, k + 1, share);
    });
  }

  #find(rows: Rows, row: number): number {
    const values = this.#row;
    for (let c = 0; c < rows.width; c++) values[c] = rows.values[row * rows.width + c]!;
    let node = 0;
    for (let child = this.#left[0]!; child !== 0; child = this.#left[node]!)
      node = values[this.#features[node]!]! > this.#thresholds[node]! ? child + 1 : child;
    return node;
  }

  /** Splits a leaf if the best split is surely better than the second one, or they are as good as equal. */
  #try(node: number, leaf: LeafStatistics): void {
    leaf.tried();
    const { delta, tie, maxLeaves } = this.#hyper;
    if ((this.#left.length + 1) / 2 >= maxLeaves) return;
    const [best, second] = this.#bestTwo(leaf);
    if (best === undefined || best.merit <= 0) return;
    const range = Math.log2(this.#shape.classes);
    const bound = Math.sqrt((range * range * Math.log(1 / delta)) / (2 * leaf.weight));
    // Not splitting at all is worth 0.
    if (best.merit - Math.max(0, second?.merit ?? 0) > bound || bound < tie)
      this.#split(node, best);
  }

  #bestTwo(leaf: LeafStatistics): readonly [ColumnSplit | undefined, ColumnSplit | undefined] {
    let best: ColumnSplit | undefined;
    let second: ColumnSplit | undefined;
    for (let feature = 0; feature < this.#shape.width; feature++) {
      const split = leaf.bestSplit(feature);
      if (split === undefined) continue;
      if (best === undefined || split.merit > best.merit) [best, second] = [split, best];
      else if (second === undefined || split.merit > second.merit) second = split;
    }
    return [best, second];
  }

  /** The children begin with the classes' weights that the split expects of them. */
  #split(node: number, { feature, threshold, weights }: ColumnSplit): void {
    const { width, classes } = this.#shape;
    this.#features[node] = feature;
    this.#thresholds[node] = threshold;
    this.#left[node] = this.#left.length;
    this.#leaves[node] = undefined;
    for (const side of [weights.subarray(0, classes), weights.subarray(classes)]) {
      const leaf = new LeafStatistics(width, classes);
      leaf.weights.set(side);
      leaf.tried();
      this.#features.push(0);
      this.#thresholds.push(0);
      this.#left.push(0);
      this.#leaves.push(leaf);
    }
  }
}

function sumOf(weights: Float64Array): number {
  let sum = 0;
  for (const weight of weights) sum += weight;
  return sum;
}
