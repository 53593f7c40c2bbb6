import type { GraphSummary, NodeSummary } from "../onnx/graph-reader.js";
import type { ModelLimits } from "./model-limits.js";

/** ONNX's own operators, and its classical models. All else is code that a vendor adds. */
const domains: readonly string[] = ["", "ai.onnx", "ai.onnx.ml"];

/** Operators that a model may not have, and why. */
const forbidden: ReadonlyMap<string, string> = new Map([
  ["Loop", "nobody can know where it ends: export without loops (Scan has an end)"],
  ...["RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"].map(named),
  ...["Bernoulli", "Multinomial"].map(named),
]);

function named(op: string): [string, string] {
  return [op, "predictions would be other ones in a replay: export without randomness"];
}

/** Names told of many alike. */
const namesMax = 5;

/** What is wrong with a graph and those inside it, an item each. */
export function graphProblems(graph: GraphSummary, { nodesMax }: ModelLimits): string[] {
  const nodes = [...nodesOf(graph)];
  const problems: string[] = [];
  if (nodes.length > nodesMax)
    problems.push(`it has ${nodes.length} operators, the limit is ${nodesMax} (nodesMax)`);
  const unknown = new Set(
    nodes.map(({ domain }) => domain).filter((one) => !domains.includes(one)),
  );
  if (unknown.size > 0)
    problems.push(`it uses operators of ${some(unknown)}: only ONNX's own are run`);
  for (const [op, why] of forbidden)
    if (nodes.some((node) => node.op === op)) problems.push(`it uses ${op}: ${why}`);
  const external = new Set(externalIn(graph, nodes));
  if (external.size > 0)
    problems.push(
      `its tensors ${some(external)} are in other files: save it as one file (onnx.save(model, path))`,
    );
  return problems;
}

function* nodesOf(graph: GraphSummary): Generator<NodeSummary> {
  for (const node of graph.nodes) {
    yield node;
    for (const inner of node.graphs) yield* nodesOf(inner);
  }
}

function* externalIn(graph: GraphSummary, nodes: readonly NodeSummary[]): Generator<string> {
  const graphs = [graph, ...nodes.flatMap((node) => node.graphs)];
  const tensors = [
    ...graphs.flatMap(({ initializers }) => initializers),
    ...nodes.flatMap((node) => node.tensors),
  ];
  for (const { name, external } of tensors) if (external) yield name === "" ? "(unnamed)" : name;
}

function some(names: ReadonlySet<string>): string {
  const list = [...names];
  const more = list.length > namesMax ? ` and ${list.length - namesMax} more` : "";
  return list.slice(0, namesMax).join(", ") + more;
}
