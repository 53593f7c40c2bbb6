import type { GraphBuilder } from "../../onnx/graph-builder.js";
import type { LabelledRows, LearnerState, OnlineLearner, Rows, Task } from "../learner.js";
import { addConstants, addForward } from "./forward-graph.js";
import { addToLabels, LabelScale, type LabelUnits, toLabels } from "./label-scale.js";
import type { NetworkSpec } from "./network-spec.js";
import { countIn, numbersIn, vectorIn } from "./network-state.js";
import { StepBatch } from "./step-batch.js";
import { type RateOptions, stepRate } from "./step-rate.js";
import { TrainingSessions, type Vectors } from "./training-sessions.js";

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
  #room: StepBatch | undefined;

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
    await this.#learnRun([rows]);
  }

  async learnMany(steps: readonly LabelledRows[]): Promise<readonly Float64Array[]> {
    const predictions: Float64Array[] = [];
    for (const run of runsOf(steps)) {
      const { outputs, units } = await this.#learnRun(run);
      const size = outputs.length / run.length;
      for (const [step, unit] of units.entries())
        predictions.push(toLabels(outputs.subarray(step * size, (step + 1) * size), unit));
    }
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

  /**
   * Learns steps of equally many rows. Gives what was put out for them before, and the units of that: a
   * step's own labels were not known then.
   */
  async #learnRun(
    steps: readonly LabelledRows[],
  ): Promise<{ outputs: Float32Array; units: LabelUnits[] }> {
    const batch = this.#roomFor(steps.length, steps[0]!.count);
    const units = steps.map((rows, step) => {
      const before = this.#scale.units;
      if (this.task === "regression") this.#scale.add(rows.labels);
      const rate = stepRate(this.#options.rate, this.#steps++);
      batch.put(step, rows, { units: this.#scale.units, rate });
      return before;
    });
    const [outputs, vectors] = await this.#sessions.learn(this.#vectors, batch);
    this.#vectors = vectors;
    return { outputs, units };
  }

  /** That of the run before, if it fits; nearly all do. */
  #roomFor(steps: number, count: number): StepBatch {
    if (this.#room?.steps === steps && this.#room.count === count) return this.#room;
    const [columns = 0] = this.#options.spec.layers;
    this.#room = new StepBatch(steps, count, { columns, outputs: this.outputs });
    return this.#room;
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
