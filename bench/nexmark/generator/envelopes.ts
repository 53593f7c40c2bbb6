import { EnvelopeWriter } from "../../../schemas/index.js";
import type { NexmarkEvent } from "./generator.js";
import { JavaRandom } from "./java-random.js";

/** Where the events of each kind go. */
export const topics = {
  person: "nexmark.person",
  auction: "nexmark.auction",
  bid: "nexmark.bid",
  /** Says that nothing more comes: all windows can close. */
  end: "nexmark.end",
} as const satisfies Record<NexmarkEvent["kind"] | "end", string>;

/** How long after the last event the end comes: every auction has expired by then. */
const endAfterMs = 24 * 3_600_000;

/**
 * Writes events as fedbus envelopes: the record is the body, and the envelope's `timestamp` is its
 * `dateTime` in seconds. The same events in the same order give the same bytes, message ids included.
 */
export class NexmarkEnvelopes {
  readonly #writer: EnvelopeWriter;
  #now = 0;

  constructor() {
    const random = new JavaRandom();
    const bytes = (count: number) => Uint8Array.from({ length: count }, () => random.nextInt(256));
    this.#writer = new EnvelopeWriter({ clock: () => this.#now, random: bytes });
  }

  /** The time of what was written last, ms since 1970. */
  get time(): number {
    return this.#now;
  }

  /** The event's JSON text. */
  write({ kind, record }: NexmarkEvent): string {
    this.#now = record.dateTime;
    return this.#writer.write(topics[kind], record);
  }

  /** The end of the stream, a day after its last event. */
  end(): string {
    this.#now += endAfterMs;
    return this.#writer.write(topics.end, {});
  }
}
