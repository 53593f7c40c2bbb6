import type { BusEvent } from "../../bus/index.js";
import { isFedbusError } from "../../schemas/index.js";
import type { Extractor } from "../models/features/extractor.js";
import type { Task } from "../models/learners/learner.js";
import type { ModelSession } from "../models/runtime/model-session.js";
import type { Sought } from "../models/troubles/unseen-paths.js";
import type { Contributions, ExplainedRows, Explainer } from "./contributions/explainer.js";
import type { ModelRef } from "./model-events.js";

/** What a model says of some events, row after row. */
export interface Scores {
  readonly values: Float32Array;
  /** Numbers per row of `values`. */
  readonly outputs: number;
  /** What contributions are told from, if they are wanted and can be. */
  readonly explained?: ExplainedRows | undefined;
  /** Why the features of a row cannot be told, by row. */
  readonly failures: ReadonlyMap<number, unknown>;
}

/** The name of a class. */
export type ClassLabel = string | number | boolean;

export interface ServedModelParts {
  readonly ref: ModelRef;
  readonly task: Task;
  /** Labels of the classes, in the order of the outputs. Absent: they have only an index. */
  readonly classes?: readonly ClassLabel[];
  readonly extractor: Extractor;
  readonly session: ModelSession;
  /** Whether what it says of a row depends on the rows beside it: then each is scored alone. */
  readonly isRowByRow: boolean;
  /** Tells contributions, if they are wanted and can be told. */
  readonly explainer?: Explainer | undefined;
}

const noFailures: ReadonlyMap<number, unknown> = new Map();

/** A model that is loaded, and has passed its checks. */
export class ServedModel {
  readonly ref: ModelRef;
  readonly task: Task;
  readonly classes: readonly ClassLabel[] | undefined;
  readonly isRowByRow: boolean;
  readonly #extractor: Extractor;
  readonly #session: ModelSession;
  readonly #explainer: Explainer | undefined;

  constructor(parts: ServedModelParts) {
    this.ref = parts.ref;
    this.task = parts.task;
    this.classes = parts.classes;
    this.isRowByRow = parts.isRowByRow;
    this.#extractor = parts.extractor;
    this.#session = parts.session;
    this.#explainer = parts.explainer;
  }

  /** What it looks for in an event. */
  get sought(): readonly Sought[] {
    return this.#extractor.sought;
  }

  /** What it says of each event. A row of which the features cannot be told fails when it is its turn. */
  async score(events: readonly BusEvent[]): Promise<Scores> {
    const { width } = this.#extractor;
    const features = new Float32Array(events.length * width);
    let failures: Map<number, unknown> | undefined;
    for (let row = 0; row < events.length; row++) {
      try {
        this.#extractor.extract(events[row]!, features, row * width);
      } catch (error) {
        failures ??= new Map();
        failures.set(row, error);
        features.fill(Number.NaN, row * width, (row + 1) * width);
      }
    }
    const values = await this.#run(features);
    const outputs = values.length / events.length;
    const explained = await this.#explain(features);
    return { values, outputs, explained, failures: failures ?? noFailures };
  }

  /** What the features of a row contributed; undefined if that cannot be told, or is not wanted. */
  contributionsTo({ explained }: Scores, row: number): Contributions | undefined {
    return explained && this.#explainer?.explain(explained, row);
  }

  async close(): Promise<void> {
    await this.#session.close();
    await this.#explainer?.close();
  }

  /** Where the model cannot take a row, there is nothing to explain of its neighbours either. */
  async #explain(features: Float32Array): Promise<ExplainedRows | undefined> {
    try {
      return await this.#explainer?.run(features);
    } catch (error) {
      if (isFedbusError(error, "MODEL_FAILED")) return undefined;
      throw error;
    }
  }

  async #run(features: Float32Array): Promise<Float32Array> {
    const { width } = this.#extractor;
    const isAlone = features.length === width;
    if (this.isRowByRow && !isAlone) return await this.#runRowByRow(features, width);
    try {
      return await this.#session.run(features, width);
    } catch (error) {
      if (!isFedbusError(error, "MODEL_FAILED")) throw error;
      // A row that the model cannot take must not take its neighbours with it.
      return isAlone ? new Float32Array([Number.NaN]) : await this.#runRowByRow(features, width);
    }
  }

  async #runRowByRow(features: Float32Array, width: number): Promise<Float32Array> {
    const rows: Float32Array[] = [];
    for (let from = 0; from < features.length; from += width)
      rows.push(await this.#run(features.subarray(from, from + width)));
    const outputs = rows.reduce((most, { length }) => Math.max(most, length), 1);
    const values = new Float32Array(rows.length * outputs).fill(Number.NaN);
    for (const [row, made] of rows.entries()) values.set(made, row * outputs);
    return values;
  }
}
