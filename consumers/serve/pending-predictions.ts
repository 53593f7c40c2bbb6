import type { Context } from "../plugin/context.js";
import type { Table } from "../plugin/table.js";

/** What one model said. */
export interface Said {
  readonly sha256: string;
  readonly outputs: readonly number[];
}

/** A prediction that waits for what will be the case. */
export interface PendingPrediction {
  readonly id: string;
  /** Of the event that was scored. */
  readonly offset: number;
  /** When it was predicted, by the log's time, ms. */
  readonly at: number;
  /** What was published. */
  readonly answer: Said;
  /** What the other model said, if there were two. */
  readonly other?: Said;
  /** A candidate has answered. */
  readonly canary?: true;
}

/** Predictions of one id, at most: further ones push the oldest out. */
const perIdMax = 1_000;

/**
 * The newest predictions, up to so many, by their id. They lie in a ring of places: a new one takes the place
 * of the oldest.
 */
export class PendingPredictions {
  readonly #placesMax: number;
  readonly #withinMs: number;

  constructor({ placesMax, withinMs }: { readonly placesMax: number; readonly withinMs: number }) {
    this.#placesMax = placesMax;
    this.#withinMs = withinMs;
  }

  add(prediction: PendingPrediction, context: Context): void {
    const { state } = context;
    const number = (state.get("predicted") as number | undefined) ?? 0;
    const places = context.table<PendingPrediction>("predictions");
    const ids = context.table<readonly number[]>("predictions-by-id");
    const place = String(number % this.#placesMax);
    const oldest = places.get(place);
    const options = { ttlMs: this.#withinMs + 1 };
    if (oldest !== undefined) forget(ids, oldest.id, number - this.#placesMax, options);
    places.put(place, prediction, options);
    const { id } = prediction;
    ids.put(id, [...(ids.get(id) ?? []).slice(1 - perIdMax), number], options);
    state.put("predicted", number + 1);
  }

  /** The predictions of `id` that still wait, oldest first. They wait no more. */
  take(id: string, context: Context): readonly PendingPrediction[] {
    const ids = context.table<readonly number[]>("predictions-by-id");
    const numbers = ids.get(id);
    if (numbers === undefined) return [];
    ids.delete(id);
    const places = context.table<PendingPrediction>("predictions");
    const since = context.now() - this.#withinMs;
    return numbers.flatMap((number) => {
      const place = String(number % this.#placesMax);
      const prediction = places.get(place);
      // Another's place, if there were more or fewer of them when it was put there.
      if (prediction?.id !== id) return [];
      places.delete(place);
      return prediction.at >= since ? [prediction] : [];
    });
  }
}

function forget(
  ids: Table<readonly number[]>,
  id: string,
  number: number,
  options: { readonly ttlMs: number },
): void {
  const numbers = ids.get(id);
  if (numbers === undefined) return;
  const rest = numbers.filter((one) => one !== number);
  if (rest.length === 0) ids.delete(id);
  else ids.put(id, rest, options);
}
