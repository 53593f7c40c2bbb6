import { type Feed, type Fetched, GraphSession } from "../../runtime/graph-session.js";
import { type NetworkSpec, parameterCount } from "./network-spec.js";
import type { Steps } from "./step-batch.js";
import { forwardGraph, scanGraph, stepGraph, vectorNames } from "./training-graph.js";

/** The vectors that steps change: parameters, and momentum and squares for adam. */
export type Vectors = Readonly<Record<string, Float32Array>>;

/** A network's graphs, each opened when it is first run. */
export class TrainingSessions {
  readonly #spec: NetworkSpec;
  readonly #names: readonly string[];
  readonly #opened = new Map<string, Promise<GraphSession>>();

  constructor(spec: NetworkSpec) {
    this.#spec = spec;
    this.#names = vectorNames(spec);
  }

  /** Opens what every learner needs, so that what is missing is known at once. */
  async prepare(): Promise<void> {
    await Promise.all([this.#session("forward", forwardGraph), this.#session("step", stepGraph)]);
  }

  async predict({ parameters }: Vectors, rows: Float32Array): Promise<Float32Array> {
    const session = await this.#session("forward", forwardGraph);
    const width = this.#spec.layers[0]!;
    const { prediction } = await session.run({
      parameters: vector(parameters!),
      rows: { values: rows, dims: [rows.length / width, width] },
    });
    return floats(prediction);
  }

  /**
   * Predictions of each step's rows before it, and the vectors after the last. Several steps are one run,
   * with the same bits as one after the other.
   */
  async learn(vectors: Vectors, batch: Steps): Promise<[Float32Array, Vectors]> {
    const session = await (batch.steps === 1
      ? this.#session("step", stepGraph)
      : this.#session("scan", scanGraph));
    const { prediction, ...next } = await session.run(this.#feedsOf(vectors, batch));
    const changed: Record<string, Float32Array> = {};
    for (const name of this.#names) changed[name] = floats(next[`next ${name}`]);
    return [floats(prediction), changed];
  }

  async close(): Promise<void> {
    const sessions = await Promise.allSettled(this.#opened.values());
    for (const session of sessions) if (session.status === "fulfilled") await session.value.close();
  }

  #feedsOf(vectors: Vectors, batch: Steps): Record<string, Feed> {
    const { steps, count, rows, targets, shares, rates } = batch;
    const { layers } = this.#spec;
    const leading = steps === 1 ? [] : [steps];
    const feeds: Record<string, Feed> = {
      rows: { values: rows, dims: [...leading, count, layers[0]!] },
      targets: { values: targets, dims: [...leading, count, layers.at(-1)!] },
      shares: { values: shares, dims: [...leading, count, 1] },
      rate: { values: rates, dims: [...leading, 1] },
    };
    for (const name of this.#names) feeds[name] = vector(vectors[name]!);
    return feeds;
  }

  #session(name: string, graph: (spec: NetworkSpec) => Buffer): Promise<GraphSession> {
    const opened = this.#opened.get(name) ?? GraphSession.open(graph(this.#spec));
    this.#opened.set(name, opened);
    return opened;
  }
}

/** Vectors of a network that begins with these parameters. */
export function firstVectors(spec: NetworkSpec, parameters: Float32Array): Vectors {
  const size = parameterCount(spec);
  return Object.fromEntries(
    vectorNames(spec).map((name) => [
      name,
      name === "parameters" ? parameters : new Float32Array(size),
    ]),
  );
}

function vector(values: Float32Array): Feed {
  return { values, dims: [values.length] };
}

function floats(fetched: Fetched | undefined): Float32Array {
  return fetched?.values as Float32Array;
}
