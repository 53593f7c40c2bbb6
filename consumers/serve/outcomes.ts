import type { BusEvent } from "../../bus/index.js";
import { fieldOf } from "../field.js";
import type { Task } from "../models/learners/learner.js";
import type { Context } from "../plugin/context.js";
import { type Losses, lossesOf } from "./losses.js";
import { type PendingPrediction, PendingPredictions, type Said } from "./pending-predictions.js";
import { thresholdFor } from "./prediction.js";
import type { OutcomeOptions } from "./serve-options.js";
import type { ClassLabel, ServedModel } from "./served-model.js";

/** What is remembered of a model as long as there may be outcomes for it. */
interface KnownModel {
  readonly sha256: string;
  readonly version?: number;
  readonly task: Task;
  readonly classes?: readonly ClassLabel[];
}

/** What one model said, and how wrong it was. */
export interface Judged {
  readonly sha256: string;
  readonly version?: number;
  readonly task: Task;
  readonly output: number | readonly number[];
  readonly losses: Losses;
}

/** A prediction of which it is known what was the case. */
export interface Outcome {
  readonly prediction: PendingPrediction;
  /** The value, 0 or 1, or the class's index. */
  readonly label: number;
  readonly answer: Judged;
  readonly other?: Judged;
}

/** Models that are remembered, at most. */
const knownMax = 100;

const stateKey = "known-models";

/** Joins predictions with what was the case. */
export class Outcomes {
  readonly #idOf: (event: BusEvent) => unknown;
  readonly #labelOf: (event: BusEvent) => unknown;
  readonly #pending: PendingPredictions;
  readonly #threshold: number | undefined;

  constructor(
    { id, label, withinMs, pendingMax = 100_000 }: OutcomeOptions,
    threshold: number | undefined,
  ) {
    this.#idOf = fieldOf(id);
    this.#labelOf = fieldOf(label);
    this.#pending = new PendingPredictions({ placesMax: pendingMax, withinMs });
    this.#threshold = threshold;
  }

  /** A prediction was published: its outcome may come. */
  expect(prediction: PendingPrediction, context: Context): void {
    this.#pending.add(prediction, context);
  }

  /**
   * These models may be judged from here on, also when they are served no more. Those that are served are
   * named each time, so that newer ones never push them out.
   */
  know(models: readonly ServedModel[], context: Context): void {
    const named = models.map(
      ({ ref, task, classes }): KnownModel => ({
        ...{ ...ref, task },
        ...(classes !== undefined && { classes }),
      }),
    );
    const isNamed = (known: KnownModel): boolean =>
      named.some(({ sha256 }) => sha256 === known.sha256);
    const others = knownIn(context).filter((known) => !isNamed(known));
    context.state.put(stateKey, [...others, ...named].slice(-knownMax));
  }

  /** The predictions that an event tells the truth about, oldest first. */
  take(event: BusEvent, context: Context): readonly Outcome[] {
    const label = this.#labelOf(event);
    const id = this.#idOf(event);
    if (label === undefined || label === null || id === undefined || id === null) return [];
    const known = knownIn(context);
    return this.#pending.take(String(id), context).flatMap((prediction) => {
      const answer = this.#judge(prediction.answer, label, known);
      if (answer === undefined) return [];
      const other = prediction.other && this.#judge(prediction.other, label, known);
      const { judged } = answer;
      return [
        {
          ...{ prediction, label: answer.label, answer: judged },
          ...(other !== undefined && { other: other.judged }),
        },
      ];
    });
  }

  #judge(
    { sha256, outputs }: Said,
    given: unknown,
    known: readonly KnownModel[],
  ): { readonly label: number; readonly judged: Judged } | undefined {
    const model = known.find((one) => one.sha256 === sha256);
    const label = model && labelFor(model, given);
    if (model === undefined || label === undefined) return undefined;
    const { version, task } = model;
    const threshold = thresholdFor(task, this.#threshold);
    const isPositive = threshold === undefined ? undefined : outputs[0]! >= threshold;
    return {
      label,
      judged: {
        ...{ sha256, ...(version !== undefined && { version }), task },
        output: outputs.length === 1 ? outputs[0]! : outputs,
        losses: lossesOf(task, outputs, label, isPositive),
      },
    };
  }
}

function knownIn({ state }: Context): readonly KnownModel[] {
  return (state.get(stateKey) as readonly KnownModel[] | undefined) ?? [];
}

/** A label as a number; undefined if it is none for that model. */
function labelFor({ task, classes }: KnownModel, given: unknown): number | undefined {
  if (classes !== undefined) {
    const index = classes.indexOf(given as ClassLabel);
    if (index >= 0) return index;
  }
  const value = typeof given === "boolean" ? Number(given) : given;
  if (typeof value !== "number" || !Number.isFinite(value)) return undefined;
  if (task === "binary" || task === "anomaly")
    return value === 0 || value === 1 ? value : undefined;
  return task === "regression" || Number.isSafeInteger(value) ? value : undefined;
}
