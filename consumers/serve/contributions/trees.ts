import type { Additive } from "./additive.js";
import type { GraphNode } from "./graph-parts.js";

/** A node of a tree: a split, or a leaf, which has no children. */
interface TreeNode {
  readonly feature: number;
  readonly threshold: number;
  readonly goesLeftIfMissing: boolean;
  readonly left: number;
  readonly right: number;
  readonly isLeaf: boolean;
  /** Mean of what the leaves below add to the score. */
  mean: number;
  leaves: number;
}

/**
 * Trees of which the leaves add up: each split on a row's way contributes, to its feature's column, by how much it
 * moves the mean of the leaves that are left (Saabas, "Interpreting random forests", 2014). Undefined if
 * the node is none of those.
 */
export function treesIn({ op, attributes }: GraphNode): Additive | undefined {
  const text = (name: string): string => attributes.get(name)?.texts[0] ?? "";
  const isSum = ["SUM", ""].includes(text("aggregate_function"));
  const isPlain = ["NONE", ""].includes(text("post_transform"));
  const targets = attributes.get("n_targets")?.ints[0];
  if (op !== "TreeEnsembleRegressor" || !isSum || !isPlain || targets !== 1) return undefined;
  const modes = attributes.get("nodes_modes")?.texts ?? [];
  if (!modes.every((mode) => mode === "LEAF" || mode === "BRANCH_LEQ")) return undefined;
  const { nodes, roots } = forestOf({ attributes, modes });
  const start = attributes.get("base_values")?.floats[0] ?? 0;
  return {
    base: roots.reduce((sum, root) => sum + nodes[root]!.mean, start),
    addTo: (into, rows, at) => {
      for (const root of roots) follow(nodes, root, into, rows, at);
    },
  };
}

function follow(
  nodes: readonly TreeNode[],
  root: number,
  into: Float64Array,
  rows: Float32Array,
  at: number,
): void {
  let node = nodes[root]!;
  while (!node.isLeaf) {
    const value = rows[at + node.feature]!;
    const goesLeft = Number.isNaN(value) ? node.goesLeftIfMissing : value <= node.threshold;
    const next = nodes[goesLeft ? node.left : node.right]!;
    into[node.feature]! += next.mean - node.mean;
    node = next;
  }
}

function forestOf({
  attributes,
  modes,
}: Pick<GraphNode, "attributes"> & { readonly modes: readonly string[] }) {
  const ints = (name: string): readonly number[] => attributes.get(name)?.ints ?? [];
  const [trees, ids] = [ints("nodes_treeids"), ints("nodes_nodeids")];
  const places = new Map(ids.map((id, place) => [`${trees[place]} ${id}`, place]));
  const placeOf = (place: number, ids: readonly number[]): number =>
    places.get(`${trees[place]} ${ids[place]}`) ?? -1;
  const [features, missing] = [ints("nodes_featureids"), ints("nodes_missing_value_tracks_true")];
  const [whenTrue, whenFalse] = [ints("nodes_truenodeids"), ints("nodes_falsenodeids")];
  const thresholds = attributes.get("nodes_values")?.floats ?? new Float32Array();
  const nodes = modes.map(
    (mode, place): TreeNode => ({
      feature: features[place] ?? 0,
      threshold: thresholds[place] ?? 0,
      goesLeftIfMissing: missing[place] === 1,
      left: placeOf(place, whenTrue),
      right: placeOf(place, whenFalse),
      isLeaf: mode === "LEAF",
      mean: 0,
      leaves: 0,
    }),
  );
  const [targetTrees, targetNodes] = [ints("target_treeids"), ints("target_nodeids")];
  const weights = attributes.get("target_weights")?.floats ?? new Float32Array();
  for (const [index, tree] of targetTrees.entries())
    nodes[places.get(`${tree} ${targetNodes[index]}`)!]!.mean += weights[index]!;
  const isChild = new Set(
    nodes.flatMap(({ isLeaf, left, right }) => (isLeaf ? [] : [left, right])),
  );
  const roots = nodes.flatMap((_, place) => (isChild.has(place) ? [] : [place]));
  for (const root of roots) average(nodes, root);
  return { nodes, roots };
}

/** Means of the leaves below each node, from the leaves up. */
function average(nodes: readonly TreeNode[], root: number): void {
  const down = [root];
  for (let index = 0; index < down.length; index++) {
    const { isLeaf, left, right } = nodes[down[index]!]!;
    if (!isLeaf) down.push(left, right);
  }
  for (const place of down.reverse()) {
    const node = nodes[place]!;
    const [left, right] = [nodes[node.left]!, nodes[node.right]!];
    node.leaves = node.isLeaf ? 1 : left.leaves + right.leaves;
    if (!node.isLeaf)
      node.mean = (left.mean * left.leaves + right.mean * right.leaves) / node.leaves;
  }
}
