import type { NexmarkOptions } from "./options.js";

/** 953 is prime, so its multiples modulo the size of a group visit every place of the group once. */
const stride = 953;

/** When the events of one generator happen: a function of their numbers alone. */
export class Timeline {
  readonly #baseTime: number;
  readonly #groupSize: number;
  /** Microseconds from one event of this generator to its next. */
  readonly #delayUs: number;

  constructor(options: NexmarkOptions) {
    this.#baseTime = options.baseTime;
    this.#groupSize = options.outOfOrderGroupSize;
    this.#delayUs = delayUs(options);
  }

  /** Time of the event with this number, ms since 1970. */
  at(number: number): number {
    return this.#baseTime + Math.floor(Math.floor(number * this.#delayUs) / 1000);
  }

  /** The number of the event that comes in this place: its neighbour's, within a shuffled group. */
  shuffled(place: number): number {
    return this.#groupStart(place) + ((place * stride) % this.#groupSize);
  }

  /** The earliest time that an event in this place or a later one can have, ms since 1970. */
  watermark(place: number): number {
    return this.at(this.#groupStart(place));
  }

  #groupStart(place: number): number {
    return Math.floor(place / this.#groupSize) * this.#groupSize;
  }
}

function delayUs({ eventRate, numEventGenerators, interEventDelay }: NexmarkOptions): number {
  if (interEventDelay === "double") return (1_000_000 / eventRate) * numEventGenerators;
  const rounded = Math.floor((1_000_000 + Math.floor(eventRate / 2)) / eventRate);
  return rounded * numEventGenerators;
}
