import type { BusEvent } from "../../bus/index.js";
import { loadModel } from "../../consumers/serve/model-loader.js";
import type { ServedModel } from "../../consumers/serve/served-model.js";
import { FedbusError } from "../../schemas/errors.js";
import { decisionOf } from "./decision.js";

/** How often, and how far, two models differ on the same events. */
export interface ComparedPredictions {
  /** Events that both gave finite numbers for. */
  readonly events: number;
  /** Events that one of them gave none for. */
  readonly unscored: number;
  /** Share of the events with another output at all. */
  readonly differing: number;
  /** Mean and largest distance of outputs, of all their numbers. */
  readonly meanDistance: number;
  readonly maxDistance: number;
  /** Share of the events on which they decide otherwise, at 0.5; null where they do not decide. */
  readonly decidedOtherwise: number | null;
}

const rowsMax = 256;

interface ModelFile {
  readonly sha256: string;
  readonly bytes: Buffer;
}

/**
 * Has both models score the events. Rejects with OPTIONS_INVALID if they do not give the same number of outputs, or if
 * a function makes the features of one, and as opening them does.
 */
export async function comparePredictions(
  [first, second]: readonly [ModelFile, ModelFile],
  events: AsyncIterable<BusEvent>,
): Promise<ComparedPredictions> {
  const options = { features: undefined, config: {}, batchRowsMax: rowsMax };
  const one = await loadModel(first.bytes, first, options);
  try {
    const other = await loadModel(second.bytes, second, options);
    const tally = new Tally(one, other);
    try {
      let batch: BusEvent[] = [];
      for await (const event of events) {
        if (batch.push(event) < rowsMax) continue;
        await tally.take(batch);
        batch = [];
      }
      if (batch.length > 0) await tally.take(batch);
      return tally.result;
    } finally {
      await other.close();
    }
  } finally {
    await one.close();
  }
}

class Tally {
  readonly #models: readonly [ServedModel, ServedModel];
  #events = 0;
  #unscored = 0;
  #differing = 0;
  #numbers = 0;
  #distance = 0;
  #maxDistance = 0;
  #decided = 0;
  #otherwise = 0;

  constructor(one: ServedModel, other: ServedModel) {
    this.#models = [one, other];
  }

  async take(events: readonly BusEvent[]): Promise<void> {
    const [one, other] = this.#models;
    const [first, second] = [await one.score(events), await other.score(events)];
    if (first.outputs !== second.outputs)
      throw new FedbusError(
        "OPTIONS_INVALID",
        `the models give ${first.outputs} and ${second.outputs} numbers: they cannot be compared`,
      );
    for (let row = 0; row < events.length; row++) {
      const [from, to] = [row * first.outputs, (row + 1) * first.outputs];
      this.#compare(first.values.subarray(from, to), second.values.subarray(from, to));
    }
  }

  get result(): ComparedPredictions {
    const events = this.#events;
    const share = (count: number, of: number): number => (of === 0 ? 0 : count / of);
    return {
      ...{ events, unscored: this.#unscored, differing: share(this.#differing, events) },
      meanDistance: share(this.#distance, this.#numbers),
      maxDistance: this.#maxDistance,
      decidedOtherwise: this.#decided === 0 ? null : this.#otherwise / this.#decided,
    };
  }

  #compare(one: Float32Array, other: Float32Array): void {
    if (![...one, ...other].every(Number.isFinite)) {
      this.#unscored++;
      return;
    }
    this.#events++;
    const distances = Array.from(one, (value, index) => Math.abs(value - other[index]!));
    if (distances.some((distance) => distance > 0)) this.#differing++;
    for (const distance of distances) {
      this.#numbers++;
      this.#distance += distance;
      this.#maxDistance = Math.max(this.#maxDistance, distance);
    }
    const [said, saidOtherwise] = [this.#decision(0, one), this.#decision(1, other)];
    if (said === undefined || saidOtherwise === undefined) return;
    this.#decided++;
    if (said !== saidOtherwise) this.#otherwise++;
  }

  #decision(index: 0 | 1, outputs: Float32Array): unknown {
    const { task, classes } = this.#models[index];
    return decisionOf({ task, ...(classes !== undefined && { classes }) }, outputs, 0.5);
  }
}
