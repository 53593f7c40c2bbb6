import { FedbusError } from "../../../schemas/errors.js";
import { type InferenceSession, loadRuntime, type Runtime } from "./onnxruntime.js";
import type { Port } from "./ports.js";

/** A tensor that goes into a graph. */
export interface Feed {
  readonly values: Float32Array | Float64Array | BigInt64Array;
  readonly dims: readonly number[];
}

/** A tensor that came out of a graph, with the type that the graph gave it. */
export interface Fetched {
  readonly values:
    | Float32Array
    | Float64Array
    | BigInt64Array
    | Int32Array
    | Uint8Array
    | readonly string[];
  readonly dims: readonly number[];
}

/** ONNX's names for types that JavaScript's binding calls otherwise. */
const elementNames: Readonly<Record<string, string>> = { float32: "float", float64: "double" };

const messageCharactersMax = 500;

/** One thread: several would be no faster on the batches of a stream, and take the cores of others. */
const sessionOptions: InferenceSession.SessionOptions = {
  executionProviders: ["cpu"],
  executionMode: "sequential",
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  graphOptimizationLevel: "all",
  // Errors are thrown too, so nothing is lost by keeping native code from writing to stderr.
  logSeverityLevel: 4,
};

/**
 * A graph, ready to be run: any inputs, any outputs. Runs go one after the other, in the order of the
 * calls, and each holds up the event loop for as long as it takes. `close` waits for those that were
 * asked for. NaN goes through a graph unnoticed.
 */
export class GraphSession {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly #session: InferenceSession;
  readonly #runtime: Runtime;
  readonly #running = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  private constructor(session: InferenceSession, runtime: Runtime) {
    this.#session = session;
    this.#runtime = runtime;
    this.inputs = session.inputMetadata.map(portOf);
    this.outputs = session.outputMetadata.map(portOf);
  }

  /**
   * Prepares a graph. What is no tensor is no good as an output (the runtime's binding cannot read it).
   * The bytes are trusted: see `../intake/admit-model.ts` for those that are not. Rejects with MODEL_RUNTIME_MISSING,
   * and MODEL_INVALID for what ONNX Runtime does not take.
   */
  static async open(bytes: Uint8Array): Promise<GraphSession> {
    const runtime = await loadRuntime();
    try {
      const session = await runtime.InferenceSession.create(bytes, sessionOptions);
      return new GraphSession(session, runtime);
    } catch (cause) {
      throw failure("MODEL_INVALID", "ONNX Runtime does not take the model", cause);
    }
  }

  /**
   * Runs the graph: a feed for each input, no more and no fewer. Rejects with MODEL_FAILED where the graph
   * cannot compute that, with CLOSED after `close`.
   */
  async run(
    feeds: Readonly<Record<string, Feed>>,
    fetches: readonly string[] = this.#session.outputNames,
  ): Promise<Record<string, Fetched>> {
    if (this.#closing !== undefined) throw new FedbusError("CLOSED", "the model is closed");
    const running = this.#session.run(this.#tensorsOf(feeds), fetches);
    this.#running.add(running);
    try {
      return fetchedOf(await running);
    } catch (cause) {
      throw failure("MODEL_FAILED", "the model cannot compute these rows", cause);
    } finally {
      this.#running.delete(running);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#release();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #release(): Promise<void> {
    await Promise.allSettled(this.#running);
    await this.#session.release();
  }

  /** The runtime silently takes feeds that it has no input for, so the names are compared here. */
  #tensorsOf(feeds: Readonly<Record<string, Feed>>): InferenceSession.OnnxValueMapType {
    const { Tensor } = this.#runtime;
    const names = Object.keys(feeds);
    const { inputNames } = this.#session;
    if (
      names.length !== inputNames.length ||
      !inputNames.every((name) => Object.hasOwn(feeds, name))
    )
      throw new RangeError(`feeds ${names.join(", ")} do not fit inputs ${inputNames.join(", ")}`);
    return Object.fromEntries(
      names.map((name) => {
        const { values, dims } = feeds[name]!;
        return [name, new Tensor(values, dims)];
      }),
    );
  }
}

function portOf(value: InferenceSession.ValueMetadata): Port {
  if (!value.isTensor) return { name: value.name, type: "", dims: [] };
  return { name: value.name, type: elementNames[value.type] ?? value.type, dims: value.shape };
}

function fetchedOf(values: InferenceSession.OnnxValueMapType): Record<string, Fetched> {
  return Object.fromEntries(
    Object.entries(values).map(([name, { data, dims }]) => [
      name,
      { values: data as Fetched["values"], dims },
    ]),
  );
}

function failure(
  code: "MODEL_INVALID" | "MODEL_FAILED",
  what: string,
  cause: unknown,
): FedbusError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new FedbusError(code, `${what}: ${why.slice(0, messageCharactersMax)}`, { cause });
}
