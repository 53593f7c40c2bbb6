import type { BusEvent } from "../../bus/index.js";
import { ScoredRow } from "./scored-row.js";
import type { Scores, ServedModel } from "./served-model.js";
import { ToldEvents } from "./told-events.js";

/**
 * Scores events in batches, although they are handled one by one: when the first of a batch is
 * handled, all that the runner has told of are scored with it. What a model says of a row does not
 * depend on its neighbours, so the batches' bounds change nothing. If another model has come in between,
 * the rest of the batch is scored anew.
 */
export class Batch {
  readonly #told = new ToldEvents();
  readonly #rowsMax: number;
  #events: readonly BusEvent[] = [];
  #index = 0;
  /** By model: what it says of the events from `from` on. */
  readonly #scores = new Map<ServedModel, { readonly scores: Scores; readonly from: number }>();

  constructor(rowsMax: number) {
    this.#rowsMax = rowsMax;
  }

  /** This event will be scored soon. */
  tell(event: BusEvent): void {
    this.#told.tell(event);
  }

  /** At this offset another model may come. */
  tellChange(offset: number): void {
    this.#told.tellChange(offset);
  }

  /** There is no model for this event. */
  skip(event: BusEvent): void {
    this.#told.skip(event);
  }

  /** From here on it is about `event`. */
  moveTo(event: BusEvent): void {
    const events = this.#events;
    while (this.#index < events.length && events[this.#index]!.offset < event.offset) this.#index++;
    if (events[this.#index] === event) return;
    this.#events = this.#told.take(event, this.#rowsMax);
    this.#index = 0;
    this.#scores.clear();
  }

  /** Scores the event, and the rest of its batch, with `model`, unless that is done. */
  score(model: ServedModel): Promise<void> | undefined {
    if (this.#scores.has(model)) return undefined;
    const from = this.#index;
    const events = from === 0 ? this.#events : this.#events.slice(from);
    return model.score(events).then((scores) => {
      this.#scores.set(model, { scores, from });
    });
  }

  /** What `model`, which has scored the event, says of it. */
  rowOf(model: ServedModel): ScoredRow {
    const { scores, from } = this.#scores.get(model)!;
    return new ScoredRow(model, scores, this.#index - from);
  }
}
