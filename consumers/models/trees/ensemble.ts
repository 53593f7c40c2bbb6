import type { LearnerState, Rows } from "../learners/learner.js";
import type { GraphBuilder } from "../onnx/graph-builder.js";
import { EnsembleNode } from "./ensemble-node.js";
import type { GrownTree } from "./grown-tree.js";

/**
 * Trees in flat arrays, one node after the other. The children of node n are `left[n]` and the next one; 0 marks a
 * leaf. Tree t adds to score `t % base.length`. Values are single-precision, as in the exported file, so that
 * rows reach the same leaves there.
 */
export class TreeEnsemble {
  readonly #base: Float32Array;
  readonly #roots: Int32Array;
  readonly #features: Int32Array;
  readonly #thresholds: Float32Array;
  readonly #left: Int32Array;
  readonly #values: Float32Array;

  private constructor(arrays: Readonly<Record<EnsembleArray, ArrayLike<number>>>) {
    this.#base = Float32Array.from(arrays.base);
    this.#roots = Int32Array.from(arrays.roots);
    this.#features = Int32Array.from(arrays.features);
    this.#thresholds = Float32Array.from(arrays.thresholds);
    this.#left = Int32Array.from(arrays.left);
    this.#values = Float32Array.from(arrays.values);
  }

  static of(trees: readonly GrownTree[], base: ArrayLike<number>): TreeEnsemble {
    let nodes = 0;
    const roots = trees.map((tree) => {
      nodes += tree.left.length;
      return nodes - tree.left.length;
    });
    return new TreeEnsemble({
      base,
      roots,
      features: trees.flatMap((tree) => tree.columns),
      thresholds: trees.flatMap((tree) => tree.thresholds),
      left: trees.flatMap(({ left }, i) => left.map((child) => child && roots[i]! + child)),
      values: trees.flatMap((tree) => tree.values),
    });
  }

  /** The ensemble that `save` stored. */
  static restore(state: LearnerState): TreeEnsemble {
    const arrays = arrayNames.map((name) => [name, state[name] as ArrayLike<number>]);
    return new TreeEnsemble(Object.fromEntries(arrays));
  }

  save(): Record<EnsembleArray, Float32Array | Float64Array> {
    return {
      base: this.#base,
      roots: Float64Array.from(this.#roots),
      features: Float64Array.from(this.#features),
      thresholds: this.#thresholds,
      left: Float64Array.from(this.#left),
      values: this.#values,
    };
  }

  /** Scores per row. */
  get width(): number {
    return this.#base.length;
  }

  /** `count` × `width` scores, row after row. */
  scores(rows: Rows): Float64Array {
    const { width } = this;
    const scores = new Float64Array(rows.count * width);
    const row = new Float32Array(rows.width);
    for (let i = 0, at = 0; i < rows.count; i++) {
      for (let c = 0; c < row.length; c++) row[c] = rows.values[at++]!;
      const first = i * width;
      for (let k = 0; k < width; k++) scores[first + k] = this.#base[k]!;
      for (let tree = 0; tree < this.#roots.length; tree++)
        scores[first + (tree % width)]! += this.#values[this.#leaf(row, this.#roots[tree]!)]!;
    }
    return scores;
  }

  /**
   * What each feature contributes to score `score` of a row, and in the last place what no feature does: walking down
   * a tree, the change of the nodes' values counts for the feature that was asked about (Saabas, 2014). They add up
   * to the score.
   */
  contributions(values: ArrayLike<number>, score = 0): Float64Array {
    const row = Float32Array.from(values);
    const parts = new Float64Array(row.length + 1);
    parts[row.length] = this.#base[score]!;
    for (let tree = score; tree < this.#roots.length; tree += this.width) {
      let node = this.#roots[tree]!;
      parts[row.length]! += this.#values[node]!;
      for (let child = this.#left[node]!; child !== 0; child = this.#left[node]!) {
        const feature = this.#features[node]!;
        const next = row[feature]! > this.#thresholds[node]! ? child + 1 : child;
        parts[feature]! += this.#values[next]! - this.#values[node]!;
        node = next;
      }
    }
    return parts;
  }

  /** From a float tensor [N, features] to the scores, a float tensor [N, `width`]. */
  addTo(graph: GraphBuilder, input: string): string {
    const ensemble = new EnsembleNode();
    for (let tree = 0; tree < this.#roots.length; tree++) {
      const root = this.#roots[tree]!;
      const end = this.#roots[tree + 1] ?? this.#left.length;
      for (let node = root; node < end; node++) this.#export(ensemble, tree, node, root);
    }
    return ensemble.addTo(graph, input, this.#base);
  }

  #export(ensemble: EnsembleNode, tree: number, node: number, root: number): void {
    const child = this.#left[node]!;
    if (child === 0) {
      ensemble.leaf(tree, node - root, tree % this.width, this.#values[node]!);
      return;
    }
    ensemble.branch(tree, node - root, {
      feature: this.#features[node]!,
      threshold: this.#thresholds[node]!,
      left: child - root,
      right: child + 1 - root,
    });
  }

  #leaf(row: Float32Array, root: number): number {
    let node = root;
    for (let child = this.#left[node]!; child !== 0; child = this.#left[node]!)
      node = row[this.#features[node]!]! > this.#thresholds[node]! ? child + 1 : child;
    return node;
  }
}

const arrayNames = ["base", "roots", "features", "thresholds", "left", "values"] as const;

type EnsembleArray = (typeof arrayNames)[number];
