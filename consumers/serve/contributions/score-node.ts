import type { GraphNode, GraphParts } from "./graph-parts.js";

/** Operators that leave each column where it is, as long as their other inputs are stored with the graph. */
const columnwise = new Set([
  ...["Add", "Sub", "Mul", "Div", "Where", "IsNaN", "Clip", "Cast", "Identity"],
]);

/** Operators that put columns together. */
const mixing = new Set(["Gemm", "MatMul", "TreeEnsembleRegressor"]);

/** The one node of a graph that makes a score of a row. */
export interface ScoreNode {
  readonly node: GraphNode;
  /** The value that goes in: the features, or what was made of them column by column. */
  readonly rows: string;
  /** The score's unit and zero in the model's output: of a regression that was learnt in units of its own. */
  readonly factor: number;
  readonly shift: number;
}

/**
 * The node in which a model puts the columns of its input `features` together, if there is just one and nothing before it
 * mixes columns; undefined for other models.
 */
export function scoreNodeIn(parts: GraphParts, features: string): ScoreNode | undefined {
  const nodes = parts.nodes.filter(({ op }) => mixing.has(op));
  const [node] = nodes;
  if (node === undefined || nodes.length > 1) return undefined;
  const rows = node.inputs[0]!;
  if (!isColumnwise(rows, features, parts)) return undefined;
  return { node, rows, ...unitsAfter(node, parts) };
}

function isColumnwise(value: string, features: string, parts: GraphParts): boolean {
  if (value === features || parts.tensors.has(value)) return true;
  const node = parts.nodes.find(({ output }) => output === value);
  return (
    node !== undefined &&
    columnwise.has(node.op) &&
    node.inputs.every((input) => input === "" || isColumnwise(input, features, parts))
  );
}

/** What a score is multiplied by, and what is added to it then, if nothing else is done with it first. */
function unitsAfter({ output }: GraphNode, parts: GraphParts): { factor: number; shift: number } {
  const scaled = onlyUse(output, "Mul", parts);
  const moved = scaled && onlyUse(scaled.node.output, "Add", parts);
  return moved === undefined
    ? { factor: 1, shift: 0 }
    : { factor: scaled!.number, shift: moved.number };
}

function onlyUse(value: string, op: string, { nodes, tensors }: GraphParts) {
  const users = nodes.filter(({ inputs }) => inputs.includes(value));
  const [node] = users;
  if (node?.op !== op || users.length > 1) return undefined;
  const other = tensors.get(node.inputs.find((input) => input !== value) ?? "");
  return other?.values.length === 1 ? { node, number: other.values[0]! } : undefined;
}
