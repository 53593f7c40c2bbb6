import type { GraphBuilder } from "../onnx/graph-builder.js";

/**
 * Collects trees for ONNX's `TreeEnsembleRegressor` (ai.onnx.ml 3). A row goes left where its value is at most
 * the threshold in single precision, or missing; a row's scores are the sums of what its leaves add, and `base`.
 */
export class EnsembleNode {
  readonly #trees: number[] = [];
  readonly #nodes: number[] = [];
  readonly #features: number[] = [];
  readonly #modes: string[] = [];
  readonly #thresholds: number[] = [];
  readonly #left: number[] = [];
  readonly #right: number[] = [];
  readonly #missing: number[] = [];
  readonly #targetTrees: number[] = [];
  readonly #targetNodes: number[] = [];
  readonly #targets: number[] = [];
  readonly #weights: number[] = [];

  /** A node of tree `tree`; nodes have numbers of their own in each tree, and 0 is its root. */
  branch(
    tree: number,
    node: number,
    split: { feature: number; threshold: number; left: number; right: number },
  ): void {
    this.#node(tree, node, "BRANCH_LEQ");
    this.#features.push(split.feature);
    this.#thresholds.push(split.threshold);
    this.#left.push(split.left);
    this.#right.push(split.right);
    this.#missing.push(1);
  }

  /** A leaf that adds `weight` to score `target`. More targets by `add`. */
  leaf(tree: number, node: number, target: number, weight: number): void {
    this.#node(tree, node, "LEAF");
    this.#features.push(0);
    this.#thresholds.push(0);
    this.#left.push(0);
    this.#right.push(0);
    this.#missing.push(0);
    this.add(tree, node, target, weight);
  }

  /** What the leaf adds to one more score. */
  add(tree: number, node: number, target: number, weight: number): void {
    this.#targetTrees.push(tree);
    this.#targetNodes.push(node);
    this.#targets.push(target);
    this.#weights.push(weight);
  }

  /** From a float tensor [N, features] to a float tensor [N, base.length]. */
  addTo(graph: GraphBuilder, input: string, base: ArrayLike<number>): string {
    const attributes = {
      n_targets: base.length,
      aggregate_function: "SUM",
      post_transform: "NONE",
      base_values: { floats: base },
      nodes_treeids: this.#trees,
      nodes_nodeids: this.#nodes,
      nodes_featureids: this.#features,
      nodes_modes: this.#modes,
      nodes_values: { floats: this.#thresholds },
      nodes_truenodeids: this.#left,
      nodes_falsenodeids: this.#right,
      nodes_missing_value_tracks_true: this.#missing,
      target_treeids: this.#targetTrees,
      target_nodeids: this.#targetNodes,
      target_ids: this.#targets,
      target_weights: { floats: this.#weights },
    };
    return graph.node("TreeEnsembleRegressor", [input], attributes, "ai.onnx.ml");
  }

  #node(tree: number, node: number, mode: string): void {
    this.#trees.push(tree);
    this.#nodes.push(node);
    this.#modes.push(mode);
  }
}
