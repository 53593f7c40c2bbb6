import { EnvelopeWriter } from "../../../schemas/index.js";
import type { NexmarkEvent } from "./generator.js";
import { JavaRandom } from "./java-random.js";

/** Where the events of each kind go. */
export const topics = {
  person: "nexmark.person",
  auction: "nexmark.auction",
  bid: "nexmark.bid",
} as const satisfies Record<NexmarkEvent["kind"], string>;

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

  /** The event's JSON text. */
  write({ kind, record }: NexmarkEvent): string {
    this.#now = record.dateTime;
    return this.#writer.write(topics[kind], record);
  }
}
