import type { LabelledRows } from "../learner.js";
import type { LabelUnits } from "./label-scale.js";

/** What a network of these outputs should put out for the labels: [count, outputs], row after row. */
export function targetsOf<Floats extends Float32Array | Float64Array>(
  { labels, count }: LabelledRows,
  { mean, deviation }: LabelUnits,
  into: Floats,
): Floats {
  const outputs = into.length / count;
  for (let row = 0; row < count; row++) {
    const label = labels[row]!;
    if (outputs === 1) into[row] = (label - mean) / deviation;
    else into[row * outputs + classOf(label, outputs)] = 1;
  }
  return into;
}

/** A class past the last one would be written to the next row. */
function classOf(label: number, outputs: number): number {
  if (Number.isInteger(label) && label >= 0 && label < outputs) return label;
  throw new RangeError(`${label} is no class of ${outputs}`);
}
