import { type Feed, type Fetched, GraphSession } from "../../runtime/graph-session.js";
import { type NetworkSpec, parameterCount } from "./network-spec.js";
import { forwardGraph, scanGraph, stepGraph, vectorNames } from "./training-graph.js";

/** What a step learns from, as its graph takes it. */
export interface StepFeeds {
  readonly rows: Float32Array;
  readonly targets: Float32Array;
  readonly shares: Float32Array;
  readonly rate: number;
}

/** The vectors that steps change: parameters, and momentum and squares for adam. */
export type Vectors = Readonly<Record<string, Float32Array>>;

/** A network's graphs, each opened when it is first run. */
export class TrainingSessions {
  readonly #spec: NetworkSpec;
  readonly #opened = new Map<string, Promise<GraphSession>>();

  constructor(spec: NetworkSpec) {
    this.#spec = spec;
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

  /** Predictions before the step, and the vectors after it. */
  async step(vectors: Vectors, feeds: StepFeeds): Promise<[Float32Array, Vectors]> {
    const session = await this.#session("step", stepGraph);
    return this.#run(session, vectors, [feeds], []);
  }

  /** The same for steps of equally many rows in one run: predictions of all rows. */
  async scan(vectors: Vectors, steps: readonly StepFeeds[]): Promise<[Float32Array, Vectors]> {
    const session = await this.#session("scan", scanGraph);
    return this.#run(session, vectors, steps, [steps.length]);
  }

  async close(): Promise<void> {
    const sessions = await Promise.allSettled(this.#opened.values());
    for (const session of sessions) if (session.status === "fulfilled") await session.value.close();
  }

  async #run(
    session: GraphSession,
    vectors: Vectors,
    steps: readonly StepFeeds[],
    leading: readonly number[],
  ): Promise<[Float32Array, Vectors]> {
    const { layers } = this.#spec;
    const count = steps[0]!.shares.length;
    const feeds: Record<string, Feed> = {
      rows: { values: joined(steps, "rows"), dims: [...leading, count, layers[0]!] },
      targets: { values: joined(steps, "targets"), dims: [...leading, count, layers.at(-1)!] },
      shares: { values: joined(steps, "shares"), dims: [...leading, count, 1] },
      rate: { values: Float32Array.from(steps, ({ rate }) => rate), dims: [...leading, 1] },
    };
    for (const [name, values] of Object.entries(vectors)) feeds[name] = vector(values);
    const { prediction, ...next } = await session.run(feeds);
    const names = vectorNames(this.#spec);
    return [
      floats(prediction),
      Object.fromEntries(names.map((name) => [name, floats(next[`next ${name}`])])),
    ];
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

/** One step needs no copy. */
function joined(steps: readonly StepFeeds[], name: "rows" | "targets" | "shares"): Float32Array {
  const [first] = steps;
  if (first !== undefined && steps.length === 1) return first[name];
  const all = new Float32Array(steps.length * first![name].length);
  steps.forEach((step, index) => {
    all.set(step[name], index * step[name].length);
  });
  return all;
}
