import { FedbusError } from "../../../schemas/errors.js";
import { type Fetched, GraphSession } from "./graph-session.js";
import { inputOf, outputOf, type Port } from "./ports.js";

export interface ModelSessionOptions {
  /** Which output has the predictions. Default: the only one, or `prediction`. */
  readonly output?: string;
}

/** Rows that one run takes: more are run in parts, so that the event loop turns in between. */
const rowsPerRunMax = 1024;

/**
 * A model that turns rows of numbers into rows of numbers: a file of ours, or any other with one input
 * [N, width] of floats and an output [N] or [N, outputs] of numbers. Models that take one row at a time
 * (input [1, width]) are run row by row.
 */
export class ModelSession {
  /** Numbers per row that the model takes; undefined where the file leaves it open. */
  readonly width: number | undefined;
  readonly #graph: GraphSession;
  readonly #input: Port;
  readonly #output: string;
  readonly #rowsPerRun: number;

  private constructor(graph: GraphSession, input: Port, output: Port) {
    this.#graph = graph;
    this.#input = input;
    this.#output = output.name;
    const [rows, width] = input.dims;
    this.#rowsPerRun = rows === 1 ? 1 : rowsPerRunMax;
    this.width = typeof width === "number" ? width : undefined;
  }

  /**
   * Opens a model's bytes, which are trusted. Rejects with MODEL_RUNTIME_MISSING, MODEL_INVALID, and with
   * MODEL_REFUSED where it is no model from rows of numbers to rows of numbers.
   */
  static async open(bytes: Uint8Array, options: ModelSessionOptions = {}): Promise<ModelSession> {
    const graph = await GraphSession.open(bytes);
    try {
      return new ModelSession(
        graph,
        inputOf(graph.inputs),
        outputOf(graph.outputs, options.output),
      );
    } catch (error) {
      await graph.close();
      throw error;
    }
  }

  /**
   * The outputs for `rows`, which are `width` numbers each, one after the other: as many numbers for each
   * row as the model has outputs. Holds up the event loop for as long as 1,024 rows take. NaN in or
   * out is not looked at. Rejects with MODEL_FAILED, CLOSED; RangeError where the rows do not fit.
   */
  async run(rows: Float32Array, width: number = this.width ?? 0): Promise<Float32Array> {
    if (width < 1 || rows.length % width !== 0 || (this.width ?? width) !== width)
      throw new RangeError(`${rows.length} numbers are no rows of ${this.width ?? width}`);
    const size = this.#rowsPerRun * width;
    if (rows.length <= size) return this.#runAtOnce(rows, width);
    const parts: Float32Array[] = [];
    for (let from = 0; from < rows.length; from += size)
      parts.push(await this.#runAtOnce(rows.subarray(from, from + size), width));
    return joined(parts);
  }

  close(): Promise<void> {
    return this.#graph.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #runAtOnce(rows: Float32Array, width: number): Promise<Float32Array> {
    const count = rows.length / width;
    const values = this.#input.type === "double" ? Float64Array.from(rows) : rows;
    const feeds = { [this.#input.name]: { values, dims: [count, width] } };
    const { [this.#output]: fetched } = await this.#graph.run(feeds, [this.#output]);
    if (fetched === undefined || fetched.dims.length === 0 || fetched.dims[0] !== count)
      throw new FedbusError(
        "MODEL_FAILED",
        `the model gave [${fetched?.dims.join(", ")}] for ${count} rows`,
      );
    return floatsOf(fetched);
  }
}

function floatsOf({ values }: Fetched): Float32Array {
  if (values instanceof Float32Array) return values;
  return Float32Array.from(values as ArrayLike<number | bigint>, Number);
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
