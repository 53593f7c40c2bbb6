import { RunningScaler } from "../models/features/running-scaler.js";
import type { BatchKind, LabelledRows, Predictor, Shape } from "../models/learners/learner.js";
import { decodeState, encodeState, type StoredState } from "../models/learners/state-codec.js";
import type { PrequentialOptions } from "../models/metrics/prequential.js";
import { Prequential } from "../models/metrics/prequential.js";
import type { Table } from "../plugin/table.js";
import { scaledColumns } from "./online-student.js";
import type { Downsampling } from "./sampling.js";
import type { Candidate, Lesson, NoCandidate, Student } from "./student.js";
import type { TrainingWindow } from "./train-spec.js";
import { type Split, WindowRows } from "./window-rows.js";

const modelKey = "model";

/** What is stored of the model that predicts. */
interface StoredModel {
  readonly predictor: StoredState;
  readonly scaler?: StoredState;
}

export interface BatchParts {
  readonly kind: BatchKind<object>;
  readonly shape: Shape;
  readonly hyper: object;
  readonly scaled: readonly boolean[];
  readonly window: TrainingWindow;
  readonly metrics: PrequentialOptions;
  readonly downsampling: Downsampling | undefined;
  readonly table: Table<unknown>;
}

/** Keeps rows, and fits a model to them anew each time one is wanted. */
export class BatchStudent implements Student {
  readonly stepRows = 1;
  readonly lessonRows = 256;
  /** What it forgets, it fits no model to: there is no model that begins anew. */
  readonly since = 0;
  readonly #parts: BatchParts;
  readonly #window: WindowRows;
  #model: { readonly predictor: Predictor; readonly scaler: RunningScaler | undefined } | undefined;
  #isChanged = false;

  constructor(parts: BatchParts) {
    const { table, shape, window } = parts;
    this.#parts = parts;
    this.#window = new WindowRows(window, shape, table);
    const stored = table.get(modelKey) as StoredModel | undefined;
    if (stored === undefined) return;
    const scaler = this.#scalerOf(stored.scaler);
    const predictor = parts.kind.restore(decodeState(stored.predictor), shape);
    this.#model = { predictor, scaler };
  }

  learn(lesson: Lesson): Promise<Float64Array> | Float64Array | undefined {
    this.#window.add(lesson);
    return this.test(lesson);
  }

  test(lesson: Lesson): Promise<Float64Array> | Float64Array | undefined {
    if (this.#model === undefined) return undefined;
    const { predictor, scaler } = this.#model;
    return predictor.predict(standardised(lesson, scaler));
  }

  /** Fits a model to all rows of the window but the newest, on which it is then measured. */
  async candidate(): Promise<Candidate | NoCandidate> {
    const { kind, shape, hyper } = this.#parts;
    const split = this.#window.split();
    if (split === undefined)
      return { reason: "too-few-rows", message: "too few rows to fit a model and to test it" };
    const { known, tail } = split;
    if (shape.classes > 1 && known.labels.every((label) => label === known.labels[0]))
      return { reason: "one-class", message: "all rows are of one class" };
    const scaler = this.#scalerOf();
    if (scaler !== undefined)
      for (let row = 0; row < known.count; row++) scaler.observe(known.values, row * shape.width);
    const predictor = await kind.fit(standardised(known, scaler), shape, hyper);
    await this.#model?.predictor.close?.();
    this.#model = { predictor, scaler };
    this.#isChanged = true;
    return {
      ...(await this.#measured(split)),
      predictor,
      scaler,
      heldBack: tail,
      rows: known.count,
    };
  }

  forget(first: number): void {
    this.#window.forget(first);
  }

  save(table: Table<unknown>): void {
    this.#window.save();
    if (!this.#isChanged || this.#model === undefined) return;
    this.#isChanged = false;
    const { predictor, scaler } = this.#model;
    table.put(modelKey, {
      predictor: encodeState(predictor.save()),
      ...(scaler && { scaler: encodeState(scaler.save()) }),
    } satisfies StoredModel);
  }

  async close(): Promise<void> {
    await this.#model?.predictor.close?.();
  }

  async #measured({ known, tail }: Split): Promise<Pick<Candidate, "metrics" | "baseline">> {
    const { metrics, downsampling } = this.#parts;
    const { predictor, scaler } = this.#model!;
    const predicted = Float64Array.from(await predictor.predict(standardised(tail, scaler)));
    downsampling?.correct(predicted);
    const prequential = new Prequential({ ...metrics, windowRows: tail.count });
    // As often as classes come, and not as often as they are learnt from.
    for (const label of downsampling?.all(known.labels) ?? known.labels)
      prequential.unpredicted(label);
    for (let row = 0; row < tail.count; row++)
      prequential.add(tail.labels[row]!, predicted, row * predictor.outputs);
    const { window, baseline } = prequential.report();
    return { metrics: window, baseline: baseline && { rule: baseline.rule, ...baseline.window } };
  }

  #scalerOf(stored?: StoredState): RunningScaler | undefined {
    const columns = scaledColumns(this.#parts.kind, this.#parts.scaled);
    if (!columns.includes(true)) return undefined;
    return new RunningScaler(columns, stored && decodeState(stored));
  }
}

function standardised<Given extends LabelledRows>(
  rows: Given,
  scaler: RunningScaler | undefined,
): Given {
  if (scaler === undefined) return rows;
  const values = new Float64Array(rows.count * rows.width);
  for (let from = 0; from < values.length; from += rows.width)
    scaler.transform(rows.values, from, values, from);
  return { ...rows, values };
}
