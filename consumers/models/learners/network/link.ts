import type { Link } from "./network-spec.js";

/** Makes predictions of sums in place, `outputs` for each row. */
export function applyLink(link: Link, sums: Float64Array, outputs: number): Float64Array {
  if (link === "sigmoid")
    for (let index = 0; index < sums.length; index++)
      sums[index] = 1 / (1 + Math.exp(-sums[index]!));
  if (link === "softmax")
    for (let at = 0; at < sums.length; at += outputs) softmax(sums, at, at + outputs);
  return sums;
}

/** Less the largest first, since exp overflows past 709. */
function softmax(sums: Float64Array, from: number, to: number): void {
  let [largest, total] = [Number.NEGATIVE_INFINITY, 0];
  for (let index = from; index < to; index++) largest = Math.max(largest, sums[index]!);
  for (let index = from; index < to; index++) {
    sums[index] = Math.exp(sums[index]! - largest);
    total += sums[index]!;
  }
  for (let index = from; index < to; index++) sums[index]! /= total;
}
