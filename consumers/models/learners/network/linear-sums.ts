import type { Rows } from "../learner.js";

/** What a layer sums up for rows: [count, outputs]. Parameters: `outputs` weights a column, then biases. */
export function sumsOf(
  parameters: Float64Array,
  { values, width, count }: Rows,
  outputs: number,
): Float64Array {
  const sums = new Float64Array(count * outputs);
  const biasesAt = width * outputs;
  for (let row = 0; row < count; row++)
    for (let output = 0; output < outputs; output++) {
      let sum = parameters[biasesAt + output]!;
      for (let column = 0; column < width; column++)
        sum += values[row * width + column]! * parameters[column * outputs + output]!;
      sums[row * outputs + output] = sum;
    }
  return sums;
}
