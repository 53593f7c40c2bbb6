import { FedbusError, isFedbusError } from "../../schemas/index.js";
import type { ModelSession } from "../models/runtime/model-session.js";
import { SeededRandom } from "../runner/random.js";

/** Rows that a model is tried with: as many as it may be given at a time, up to these. */
const rowsMax = 256;
/** Of each so many rows one is run alone as well. */
const stride = 16;

/**
 * Runs a model on rows of random numbers before it scores anything. Resolves with whether rows must be run one
 * by one: because what it says of a row depends, in any bit, on the rows beside it, or because it
 * could not be tried. Rejects with MODEL_REFUSED if it gives no numbers at all.
 */
export async function mustRunRowByRow(
  session: ModelSession,
  width: number,
  batchRowsMax: number,
): Promise<boolean> {
  const count = Math.min(rowsMax, batchRowsMax);
  const rows = randomRows(width, count);
  let together: Float32Array;
  try {
    together = await session.run(rows, width);
  } catch (error) {
    if (!isFedbusError(error, "MODEL_FAILED")) throw error;
    // It may want numbers of some kind, such as indices. The first events will show.
    return true;
  }
  if (!together.some(Number.isFinite)) throw refused("it gives no number for any row");
  const outputs = together.length / count;
  for (const [from, to] of slices(count)) {
    const apart = await session.run(rows.subarray(from * width, to * width), width);
    if (!areSameBits(apart, together.subarray(from * outputs, to * outputs))) return true;
  }
  return false;
}

/** Single rows, spread over all, and runs of several lengths. */
function slices(count: number): (readonly [from: number, to: number])[] {
  const singles = Array.from({ length: Math.ceil(count / stride) }, (_, index) => {
    const from = Math.min(count - 1, index * stride + (index % stride));
    return [from, from + 1] as const;
  });
  const runs = [2, 3, 7, 33, 64].filter((length) => length < count);
  return [...singles, ...runs.map((length) => [count - length, count] as const)];
}

function randomRows(width: number, count: number): Float32Array {
  const random = new SeededRandom();
  random.seed(width, count);
  return Float32Array.from({ length: width * count }, () => (random.next() - 0.5) * 8);
}

function areSameBits(some: Float32Array, others: Float32Array): boolean {
  return some.every((value, index) => Object.is(value, others[index]));
}

function refused(why: string): FedbusError {
  return new FedbusError("MODEL_REFUSED", `the model is refused: ${why}`);
}
