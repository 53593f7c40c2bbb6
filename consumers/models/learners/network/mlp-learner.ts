import type { GraphBuilder } from "../../onnx/graph-builder.js";
import type { LabelledRows, LearnerState, OnlineLearner, Rows, Task } from "../learner.js";
import { addConstants, addForward } from "./forward-graph.js";
import { addToLabels, LabelScale, toLabels } from "./label-scale.js";
import type { NetworkSpec } from "./network-spec.js";
import { countIn, numbersIn, vectorIn } from "./network-state.js";
import { type RateOptions, stepRate } from "./step-rate.js";
import { targetsOf } from "./targets.js";
import { type StepFeeds, TrainingSessions, type Vectors } from "./training-sessions.js";

/** Steps that one run of the scanning graph takes. */
const stepsPerRunMax = 32;

export interface MlpOptions {
  readonly task: Task;
  readonly spec: NetworkSpec;
  readonly rate: RateOptions;
  readonly stepRows: number;
}

/**
 * A multi-layer perceptron, trained in 32-bit floats by ONNX Runtime. One call at a time: a step begins
 * with what the one before ended with. After a call that failed it is good for nothing but `close`.
 */
export class MlpLearner implements OnlineLearner {
  readonly task: Task;
  readonly outputs: number;
  readonly stepRows: number;
  readonly #options: MlpOptions;
  readonly #sessions: TrainingSessions;
  readonly #scale: LabelScale;
  #vectors: Vectors;
  #steps: number;

  /** Begins with these vectors, or where `state` was saved. Throws STATE_CORRUPT. */
  constructor(options: MlpOptions, first: Vectors, state?: LearnerState) {
    this.task = options.task;
    this.outputs = options.spec.layers.at(-1)!;
    this.stepRows = options.stepRows;
    this.#options = options;
    this.#sessions = new TrainingSessions(options.spec);
    this.#scale = new LabelScale(state && numbersIn(state, "labels"));
    this.#steps = state === undefined ? 0 : countIn(state, "steps");
    this.#vectors = state === undefined ? first : restored(first, state);
  }

  /** Rejects with MODEL_RUNTIME_MISSING. */
  prepare(): Promise<void> {
    return this.#sessions.prepare();
  }

  async predict(rows: Rows): Promise<Float64Array> {
    const outputs = await this.#sessions.predict(this.#vectors, new Float32Array(rows.values));
    return toLabels(outputs, this.#scale.units);
  }

  async learn(rows: LabelledRows): Promise<void> {
    await this.learnMany([rows]);
  }

  async learnMany(steps: readonly LabelledRows[]): Promise<readonly Float64Array[]> {
    const predictions: Float64Array[] = [];
    for (const run of runsOf(steps)) predictions.push(...(await this.#learnRun(run)));
    return predictions;
  }

  save(): LearnerState {
    return { steps: this.#steps, labels: this.#scale.save(), ...this.#vectors };
  }

  addTo(graph: GraphBuilder, input: string): string {
    const { spec } = this.#options;
    const layers = addConstants(graph, spec, this.#vectors.parameters!);
    const { prediction } = addForward(graph, spec, input, layers);
    return addToLabels(graph, prediction, this.#scale.units);
  }

  close(): Promise<void> {
    return this.#sessions.close();
  }

  /** Steps of equally many rows. */
  async #learnRun(steps: readonly LabelledRows[]): Promise<Float64Array[]> {
    // Those that a step's predictions are in: its own labels are not known to them yet.
    const units = [];
    const feeds: StepFeeds[] = [];
    for (const step of steps) {
      units.push(this.#scale.units);
      feeds.push(this.#feedsOf(step));
    }
    const [outputs, vectors] =
      feeds.length === 1
        ? await this.#sessions.step(this.#vectors, feeds[0]!)
        : await this.#sessions.scan(this.#vectors, feeds);
    this.#vectors = vectors;
    const size = outputs.length / steps.length;
    return units.map((unit, index) =>
      toLabels(outputs.subarray(index * size, (index + 1) * size), unit),
    );
  }

  #feedsOf(rows: LabelledRows): StepFeeds {
    if (this.task === "regression") this.#scale.add(rows.labels);
    const targets = new Float32Array(rows.count * this.outputs);
    return {
      rows: new Float32Array(rows.values),
      targets: targetsOf(rows, this.#scale.units, targets),
      shares: Float32Array.from(rows.weights, (weight) => weight / rows.count),
      rate: stepRate(this.#options.rate, this.#steps++),
    };
  }
}

/** Steps that can go in one run: as many rows each, and not too many. */
function runsOf(steps: readonly LabelledRows[]): LabelledRows[][] {
  const runs: LabelledRows[][] = [];
  for (const step of steps) {
    const last = runs.at(-1);
    const fits =
      last !== undefined && last.length < stepsPerRunMax && last[0]?.count === step.count;
    if (fits) last.push(step);
    else runs.push([step]);
  }
  return runs;
}

function restored(first: Vectors, state: LearnerState): Vectors {
  return Object.fromEntries(
    Object.entries(first).map(([name, vector]) => [name, vectorIn(state, name, vector)]),
  );
}
