import type { BusEvent } from "../../bus/index.js";

/**
 * Events to score that the runner has told of, in their order, and where among them an event about a
 * model lies: what comes behind it will probably be scored by another.
 */
export class ToldEvents {
  #events: BusEvent[] = [];
  #next = 0;
  /** Offsets of events about models, rising. */
  #changes: number[] = [];

  /** How many it holds. */
  get length(): number {
    return this.#events.length;
  }

  tell(event: BusEvent): void {
    this.#events.push(event);
  }

  /** At this offset another model may come. */
  tellChange(offset: number): void {
    this.#changes.push(offset);
  }

  /** Takes `event` and those behind it, `count` at most, up to the next change of models. */
  take(event: BusEvent, count: number): BusEvent[] {
    const { offset } = event;
    const events = this.#events;
    while (this.#next < events.length && events[this.#next]!.offset < offset) this.#next++;
    while (this.#changes.length > 0 && this.#changes[0]! < offset) this.#changes.shift();
    // A hint may have been left out: then nothing is known but the event itself.
    if (events[this.#next] !== event) return [event];
    const before = this.#changes[0] ?? Number.POSITIVE_INFINITY;
    const from = this.#next;
    const to = Math.min(events.length, from + count);
    while (this.#next < to && events[this.#next]!.offset < before) this.#next++;
    const taken = events.slice(from, this.#next);
    this.#forget();
    return taken;
  }

  /** Lets go of `event` and those before it: nothing is to score them. */
  skip({ offset }: BusEvent): void {
    const events = this.#events;
    while (this.#next < events.length && events[this.#next]!.offset <= offset) this.#next++;
    while (this.#changes.length > 0 && this.#changes[0]! < offset) this.#changes.shift();
    this.#forget();
  }

  /** Lets go of what was taken, now and then. */
  #forget(): void {
    if (this.#next < 1_000 && this.#next < this.#events.length) return;
    this.#events = this.#events.slice(this.#next);
    this.#next = 0;
  }
}
