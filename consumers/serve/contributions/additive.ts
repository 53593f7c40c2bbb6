import type { GraphNode, GraphParts } from "./graph-parts.js";

/** Takes a score apart. */
export interface Additive {
  /** What the score would be without any column. */
  readonly base: number;
  /** Adds to `into` what each column of the row at `at` in `rows` contributes. */
  addTo(into: Float64Array, rows: Float32Array, at: number): void;
}

/** A linear model: weight times value. Undefined if the node is none with one output. */
export function linearIn(node: GraphNode, { tensors }: GraphParts): Additive | undefined {
  if (node.op === "TreeEnsembleRegressor" || node.attributes.size > 0) return undefined;
  const [, weightsName = "", biasName = ""] = node.inputs;
  const weights = tensors.get(weightsName);
  const bias = tensors.get(biasName);
  if (weights === undefined || weights.dims.length !== 2 || weights.dims[1] !== 1) return undefined;
  if (biasName !== "" && bias?.values.length !== 1) return undefined;
  const { values } = weights;
  return {
    base: bias?.values[0] ?? 0,
    addTo: (into, rows, at) => {
      for (let column = 0; column < values.length; column++)
        into[column]! += values[column]! * rows[at + column]!;
    },
  };
}
