import { type Auction, horizonEvents, makeAuction } from "./auction.js";
import { type Bid, makeBid } from "./bid.js";
import { proportion } from "./ids.js";
import { JavaRandom } from "./java-random.js";
import { type NexmarkOptions, settle } from "./options.js";
import { makePerson, type Person } from "./person.js";
import { RandomText } from "./random-text.js";
import type { Source } from "./source.js";
import { Timeline } from "./timeline.js";

/** One event of the auction house. */
export type NexmarkEvent =
  | { readonly kind: "person"; readonly record: Person }
  | { readonly kind: "auction"; readonly record: Auction }
  | { readonly kind: "bid"; readonly record: Bid };

/**
 * The Nexmark generator as Apache Beam has it: each event is drawn from a `java.util.Random` seeded
 * with the event's id, so a stream depends on nothing but the options.
 */
export class Generator implements Iterable<NexmarkEvent> {
  readonly #timeline: Timeline;
  readonly #source: Source;
  readonly #horizonEvents: number;
  #count = 0;

  /** One generator's part of the stream; `numEvents` is its own. Throws OPTIONS_INVALID. */
  constructor(options: Partial<NexmarkOptions> = {}) {
    const settled = settle(options);
    const random = new JavaRandom();
    this.#source = { random, text: new RandomText(random), options: settled };
    this.#timeline = new Timeline(settled);
    this.#horizonEvents = horizonEvents(settled.numInFlightAuctions);
  }

  /**
   * The same events dealt to `count` generators: each has ids of its own, and all run side by side
   * from the same time. The last one gets what cannot be dealt evenly.
   */
  split(count: number): Generator[] {
    const { options } = this.#source;
    const share = Math.floor(options.numEvents / count);
    return Array.from({ length: count }, (_, index) => {
      const numEvents = index < count - 1 ? share : options.numEvents - share * (count - 1);
      const firstEventId = options.firstEventId + share * index;
      return new Generator({ ...options, numEvents, firstEventId });
    });
  }

  /** No event that is yet to come has an earlier time, ms since 1970. */
  get watermark(): number {
    return this.#timeline.watermark(this.#source.options.firstEventNumber + this.#count);
  }

  /** The next event; undefined after the last. */
  next(): NexmarkEvent | undefined {
    const { options, random } = this.#source;
    if (this.#count >= options.numEvents) return undefined;
    const number = this.#timeline.shuffled(options.firstEventNumber + this.#count++);
    const eventId = options.firstEventId + number;
    random.seed(eventId);
    return this.#draw(eventId, number);
  }

  *[Symbol.iterator](): IterableIterator<NexmarkEvent> {
    for (let event = this.next(); event !== undefined; event = this.next()) yield event;
  }

  #draw(eventId: number, number: number): NexmarkEvent {
    const source = this.#source;
    const dateTime = this.#timeline.at(number);
    const place = eventId % proportion.all;
    if (place >= proportion.person + proportion.auction)
      return { kind: "bid", record: makeBid(source, eventId, dateTime) };
    if (place < proportion.person)
      return { kind: "person", record: makePerson(source, eventId, dateTime) };
    const horizonMs = this.#timeline.at(number + this.#horizonEvents) - dateTime;
    return { kind: "auction", record: makeAuction(source, eventId, { dateTime, horizonMs }) };
  }
}

/**
 * The whole stream: all generators' events in turns, one each, which is the order of their times
 * when nothing is shuffled. Throws OPTIONS_INVALID.
 */
export function* nexmark(options: Partial<NexmarkOptions> = {}): IterableIterator<NexmarkEvent> {
  const generators = new Generator(options).split(settle(options).numEventGenerators);
  for (let running = true; running; ) {
    running = false;
    for (const generator of generators) {
      const event = generator.next();
      if (event === undefined) continue;
      running = true;
      yield event;
    }
  }
}
