import { FedbusError } from "../../../schemas/errors.js";
import { SeededRandom } from "../../runner/random.js";
import { ModelSession } from "../runtime/model-session.js";
import type { TrialReport, TrialRequest } from "./trial-messages.js";

/** Rows that are tried one by one, and all of them together as often as fits into a batch. */
const rowsMax = 16;
const batchRows = 256;

/** Differences up to this share of a value come from adding up in another order. */
const tolerance = 1e-4;

/**
 * Lets a model compute some rows: one by one, and many at once. Rejects with MODEL_REFUSED if it gives
 * another result the second time, or if rows have an influence on each other's; with MODEL_FAILED if it
 * computes none of them; with what opening it fails with.
 */
export async function tryModel(request: TrialRequest): Promise<TrialReport> {
  const options = request.output === undefined ? {} : { output: request.output };
  await using session = await ModelSession.open(request.model, options);
  const width = request.width ?? session.width;
  if (width === undefined)
    throw refused("it leaves open how many features a row has: say so in its declaration");
  if (session.width !== undefined && session.width !== width)
    throw refused(`it takes ${session.width} features a row, not ${width}`);
  const trial = new Trial(session, width);
  return await trial.run(request.rows ?? madeUp(width));
}

class Trial {
  readonly #session: ModelSession;
  readonly #width: number;

  constructor(session: ModelSession, width: number) {
    this.#session = session;
    this.#width = width;
  }

  async run(rows: Float32Array): Promise<TrialReport> {
    const tried = Math.min(rowsMax, Math.floor(rows.length / this.#width));
    const begin = performance.now();
    const { good, results, failure } = await this.#oneByOne(rows, tried);
    if (good.length === 0) throw failure ?? refused("there are no rows to try it with");
    const rowMs = (performance.now() - begin) / tried;
    const outputs = results[0]!.length;
    const batch = Array.from({ length: batchRows }, (_, row) => row % good.length);
    const together = await this.#together(batch.map((index) => good[index]!));
    for (const [row, index] of batch.entries())
      if (!alike(results[index]!, together.values.subarray(row * outputs, (row + 1) * outputs)))
        throw refused("what it predicts for a row depends on the rows beside it");
    return {
      width: this.#width,
      outputs,
      rowsTried: tried,
      rowsFailed: tried - good.length,
      rowMs,
      batchRowMs: together.ms / batchRows,
    };
  }

  /** Rows that the model can compute, with what it gives for each; and why it cannot compute the others. */
  async #oneByOne(rows: Float32Array, count: number) {
    const good: Float32Array[] = [];
    const results: Float32Array[] = [];
    let failure: unknown;
    for (let index = 0; index < count; index++) {
      const row = rows.slice(index * this.#width, (index + 1) * this.#width);
      try {
        results.push(await this.#session.run(row, this.#width));
        good.push(row);
      } catch (error) {
        failure = error;
      }
    }
    return { good, results, failure };
  }

  async #together(rows: readonly Float32Array[]): Promise<{ values: Float32Array; ms: number }> {
    const all = new Float32Array(rows.length * this.#width);
    rows.forEach((row, index) => {
      all.set(row, index * this.#width);
    });
    const values = await this.#session.run(all, this.#width);
    const begin = performance.now();
    const again = await this.#session.run(all, this.#width);
    const ms = performance.now() - begin;
    if (!Buffer.from(again.buffer).equals(Buffer.from(values.buffer)))
      throw refused("it predicts something else for the same rows when asked again");
    return { values, ms };
  }
}

function alike(one: Float32Array, other: Float32Array): boolean {
  return (
    one.length === other.length &&
    one.every((value, index) => {
      const off = Math.abs(value - other[index]!);
      return Object.is(value, other[index]) || off <= tolerance * Math.max(1, Math.abs(value));
    })
  );
}

/** Zeros, ones, a large row, and some between -3 and 3, as standardised features are. */
function madeUp(width: number): Float32Array {
  const random = new SeededRandom();
  random.seed(1, width);
  return Float32Array.from({ length: rowsMax * width }, (_, index) => {
    const row = Math.floor(index / width);
    return [0, 1, 1e6][row] ?? 6 * random.next() - 3;
  });
}

function refused(why: string): FedbusError {
  return new FedbusError("MODEL_REFUSED", `the model is refused: ${why}`);
}
