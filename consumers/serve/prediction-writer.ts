import type { BusEvent } from "../../bus/index.js";
import { JsonText } from "../../schemas/envelope-text.js";
import { modelTopic } from "../models/registry/model-version.js";
import type { Context } from "../plugin/context.js";
import {
  type Decision,
  highest,
  thresholdFor,
  type Unscored,
  type UnscoredReason,
} from "./prediction.js";
import { PredictionText } from "./prediction-text.js";
import type { ScoredRow } from "./scored-row.js";
import type { ServePlan } from "./serve-plan.js";

/** Publishes what models say of events. */
export class PredictionWriter {
  readonly #plan: ServePlan;
  readonly #shadowTopic: string;
  readonly #text: PredictionText;

  constructor(plan: ServePlan) {
    this.#plan = plan;
    this.#text = new PredictionText(plan.model);
    this.#shadowTopic = modelTopic(plan.model, "shadow");
  }

  scored(event: BusEvent, answer: ScoredRow, isCanary: boolean, context: Context): void {
    const { output } = answer;
    const text = this.#text.of({
      ref: answer.model.ref,
      offset: event.offset,
      id: this.#plan.idOf(event),
      output,
      decision: this.#decisionOf(answer, output),
      isCanary,
      contributions: answer.contributions,
    });
    this.#emit(this.#plan.output, new JsonText(text), event, context);
  }

  /** No model has scored the event: the fallback, or nothing but the reason. */
  unscored(event: BusEvent, reason: UnscoredReason, context: Context): void {
    const { output: topic, model, missing } = this.#plan;
    const { offset } = event;
    const id = this.#plan.idOf(event);
    const output = typeof missing === "object" ? missing.fallback : null;
    const unscored: Unscored = { offset, ...(id !== undefined && { id }), model, output, reason };
    this.#emit(topic, unscored, event, context);
  }

  /** What a candidate says beside the model that answers. */
  shadow(event: BusEvent, candidate: ScoredRow, active: ScoredRow, context: Context): void {
    const { output } = candidate;
    const shadow = {
      offset: event.offset,
      id: this.#plan.idOf(event),
      model: this.#plan.model,
      ...candidate.model.ref,
      output,
      decision: this.#decisionOf(candidate, output),
      active: { ...active.model.ref, output: active.output },
    };
    this.#emit(this.#shadowTopic, shadow, event, context);
  }

  #emit(topic: string, body: object, event: BusEvent, context: Context): void {
    const key = this.#plan.keyOf(event);
    if (key === undefined) context.emit(topic, body);
    else context.emit(topic, body, { key });
  }

  #decisionOf(
    { model: { task, classes } }: ScoredRow,
    output: number | readonly number[],
  ): Decision | undefined {
    if (typeof output !== "number") {
      const best = highest(output);
      return classes?.[best] ?? best;
    }
    const threshold = thresholdFor(task, this.#plan.threshold);
    if (threshold === undefined) return undefined;
    const isPositive = output >= threshold;
    return task === "binary" ? (classes?.[isPositive ? 1 : 0] ?? isPositive) : isPositive;
  }
}
