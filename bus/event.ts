import type { Envelope } from "../schemas/envelope.js";
import type { Block } from "./block/block.js";
import { type Published, publishedAt } from "./block/published.js";

/** One event of the log: the publisher's envelope, and beside it what the log added. */
export class BusEvent<Msg = unknown> {
  readonly offset: number;
  /** Hub clock at commit, milliseconds since 1970. */
  readonly recordedAt: number;
  /** Epoch of the log when the event was recorded. */
  readonly epoch: number;
  readonly envelope: Envelope;
  readonly #block: Block;
  readonly #index: number;

  constructor(block: Block, index: number, envelope: Envelope) {
    this.offset = block.offsetOf(index);
    this.recordedAt = block.recordedAt;
    this.epoch = block.epoch;
    this.envelope = envelope;
    this.#block = block;
    this.#index = index;
  }

  /** The same event with another body; its bytes stay. */
  withMsg(msg: unknown): BusEvent {
    return new BusEvent(this.#block, this.#index, { ...this.envelope, msg });
  }

  get topic(): string {
    return this.envelope.topic;
  }

  /** The body: any JSON value. */
  get msg(): Msg {
    return this.envelope.msg as Msg;
  }

  /** The publisher's time, ms since 1970; of an envelope without one, `recordedAt`. */
  get timestamp(): number {
    const { timestamp } = this.envelope;
    return typeof timestamp === "number" ? Math.round(timestamp * 1000) : this.recordedAt;
  }

  /** Who published it, as the hub noted; undefined if the log does not say. */
  get published(): Published | undefined {
    return publishedAt(this.#block, this.offset);
  }

  /** The envelope's bytes exactly as the publisher sent them. */
  get bytes(): Buffer {
    return this.#block.bytesOf(this.#index);
  }
}

/** All events of a block, parsed at once. */
export function eventsOf(block: Block): BusEvent[] {
  const envelopes = block.parse() as Envelope[];
  return envelopes.map((envelope, index) => new BusEvent(block, index, envelope));
}

/**
 * All events of a block in runs, each parsed when it is asked for: who is done with one run before the next
 * leaves little behind that a collection of garbage must copy.
 */
export function* eventRunsOf(block: Block): Generator<BusEvent[], void> {
  let index = 0;
  for (const run of block.runs() as Iterable<Envelope[]>)
    yield run.map((envelope) => new BusEvent(block, index++, envelope));
}
