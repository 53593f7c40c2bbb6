import type { GraphBuilder } from "../../onnx/graph-builder.js";
import { type LayerPlace, type NetworkSpec, placesOf } from "./network-spec.js";

/** Names of one layer's parameters in a graph: weights [inputs, outputs] and biases [outputs]. */
export interface LayerValues {
  readonly weights: string;
  readonly biases: string;
}

export interface Forward {
  /** What goes into each layer: the rows, then what each hidden layer makes of them. */
  readonly layerInputs: readonly string[];
  readonly prediction: string;
}

/** Adds a network to a graph, from rows [N, columns] to predictions [N, outputs]. */
export function addForward(
  graph: GraphBuilder,
  spec: NetworkSpec,
  rows: string,
  layers: readonly LayerValues[],
): Forward {
  const layerInputs = [rows];
  for (const { weights, biases } of layers.slice(0, -1)) {
    const sums = graph.node("Gemm", [layerInputs.at(-1)!, weights, biases]);
    layerInputs.push(graph.node(spec.activation === "relu" ? "Relu" : "Tanh", [sums]));
  }
  const { weights, biases } = layers.at(-1)!;
  const sums = graph.node("Gemm", [layerInputs.at(-1)!, weights, biases]);
  return { layerInputs, prediction: addLink(graph, spec, sums) };
}

function addLink(graph: GraphBuilder, { link }: NetworkSpec, sums: string): string {
  if (link === "identity") return sums;
  return link === "sigmoid"
    ? graph.node("Sigmoid", [sums])
    : graph.node("Softmax", [sums], { axis: -1 });
}

/** Takes the parameters of all layers out of their common vector [K]. */
export function addSplit(
  graph: GraphBuilder,
  spec: NetworkSpec,
  parameters: string,
): LayerValues[] {
  const places = placesOf(spec);
  const sizes = places.flatMap(({ at, biasesAt, end }) => [biasesAt - at, end - biasesAt]);
  const parts = graph.nodes("Split", [parameters, whole(graph, sizes)], sizes.length, { axis: 0 });
  return places.map(({ inputs, outputs }, index) => ({
    weights: graph.node("Reshape", [parts[2 * index]!, whole(graph, [inputs, outputs])]),
    biases: parts[2 * index + 1]!,
  }));
}

/** Stores the parameters of all layers in a graph, as tensors of their own. */
export function addConstants(
  graph: GraphBuilder,
  spec: NetworkSpec,
  parameters: Float32Array,
): LayerValues[] {
  return placesOf(spec).map((place: LayerPlace) => ({
    weights: graph.constant(
      [place.inputs, place.outputs],
      parameters.subarray(place.at, place.biasesAt),
    ),
    biases: graph.constant([place.outputs], parameters.subarray(place.biasesAt, place.end)),
  }));
}

/** A constant vector of whole numbers. */
export function whole(graph: GraphBuilder, values: readonly number[]): string {
  return graph.constant([values.length], BigInt64Array.from(values, BigInt));
}
