import type { Contributions } from "./contributions/explainer.js";
import type { ModelRef } from "./model-events.js";
import type { Decision } from "./prediction.js";

/** What a prediction tells. */
interface Told {
  readonly ref: ModelRef;
  readonly offset: number;
  readonly id: string | undefined;
  /** Finite. */
  readonly output: number | readonly number[];
  readonly decision: Decision | undefined;
  readonly isCanary: boolean;
  readonly contributions: Contributions | undefined;
}

/** A `Prediction` as JSON. What is the same for all events that a model scores is written once. */
export class PredictionText {
  readonly #model: string;
  #ref: ModelRef | undefined;
  /** The members that tell of the model. */
  #ofModel = "";

  constructor(model: string) {
    this.#model = JSON.stringify(model);
  }

  of({ ref, offset, id, output, decision, isCanary, contributions }: Told): string {
    if (ref !== this.#ref) this.#turn(ref);
    const own = id === undefined ? "" : `,"id":${JSON.stringify(id)}`;
    const value = typeof output === "number" ? output : `[${output.join(",")}]`;
    const decided = typeof decision === "string" ? JSON.stringify(decision) : decision;
    return `{"offset":${offset}${own}${this.#ofModel},"output":${value}${
      decided === undefined ? "" : `,"decision":${decided}`
    }${isCanary ? `,"canary":true` : ""}${
      contributions === undefined ? "" : `,"contributions":${JSON.stringify(contributions)}`
    }}`;
  }

  #turn(ref: ModelRef): void {
    const { version, sha256 } = ref;
    this.#ref = ref;
    const numbered = version === undefined ? "" : `,"version":${version}`;
    this.#ofModel = `,"model":${this.#model}${numbered},"sha256":${JSON.stringify(sha256)}`;
  }
}
