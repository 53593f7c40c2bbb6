import type { GraphBuilder } from "../onnx/graph-builder.js";

/**
 * What makes answers of scores: `unit` cuts off what rounding puts outside of 0 to 1, `shares` divides by the sum.
 */
export type Link = "value" | "unit" | "sigmoid" | "softmax" | "shares";

/** Turns scores into answers, in place. */
export function applyLink(link: Link, scores: Float64Array, width: number): Float64Array {
  if (link === "sigmoid")
    for (let i = 0; i < scores.length; i++) scores[i] = 1 / (1 + Math.exp(-scores[i]!));
  else if (link === "unit")
    for (let i = 0; i < scores.length; i++) scores[i] = Math.min(1, Math.max(0, scores[i]!));
  else if (link !== "value")
    for (let first = 0; first < scores.length; first += width)
      normalise(scores.subarray(first, first + width), link === "softmax");
  return scores;
}

/** The same as nodes, from and to a float tensor [N, width]. */
export function addLink(graph: GraphBuilder, link: Link, scores: string): string {
  if (link === "value") return scores;
  if (link === "sigmoid") return graph.node("Sigmoid", [scores]);
  if (link === "softmax") return graph.node("Softmax", [scores], { axis: 1 });
  if (link === "unit") {
    const [none, all] = [0, 1].map((bound) => graph.constant([], Float32Array.of(bound)));
    return graph.node("Clip", [scores, none!, all!]);
  }
  const axis = graph.constant([1], BigInt64Array.of(1n));
  return graph.node("Div", [scores, graph.node("ReduceSum", [scores, axis], { keepdims: 1 })]);
}

/** Makes the numbers of a row add up to 1. */
function normalise(row: Float64Array, exponential: boolean): void {
  if (exponential) {
    const most = row.reduce((a, b) => Math.max(a, b));
    for (let k = 0; k < row.length; k++) row[k] = Math.exp(row[k]! - most);
  }
  const sum = row.reduce((a, b) => a + b);
  for (let k = 0; k < row.length; k++) row[k]! /= sum;
}
