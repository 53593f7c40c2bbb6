import { type ErrorJson, FedbusError } from "../../schemas/errors.js";
import type { EventBuffer } from "../../schemas/index.js";
import { encodeBatch } from "../block/encode-batch.js";
import type { BatchAnswer } from "../log/event-log.js";
import type { Sink } from "./sink.js";

/** Neighbouring events of one caller. */
interface Part {
  readonly sink: Sink;
  /** Place of the first one in the caller's own call. */
  readonly at: number;
  count: number;
}

/** Events on their way: filled, then sealed with a sequence, then answered. */
export class Batch {
  /** Monotonic time of the first event, ms. */
  since = performance.now();
  /** Monotonic time at which the last event may have come, ms. */
  filledAt = this.since;
  /** Sequence of the first event; -1 until sealed. */
  seq = -1;
  /** Where events are gathered; undefined once they are sealed. */
  #events: EventBuffer | undefined;
  #block: Buffer | undefined;
  #count = 0;
  #size = 0;
  #parts: Part[] = [];

  /** `events` is empty, and the batch's own until `seal` returns it. */
  constructor(events?: EventBuffer) {
    this.#events = events;
  }

  /** A batch that an earlier process spooled: nobody waits for it here. */
  static spooled(seq: number, count: number, block: Buffer): Batch {
    const batch = new Batch();
    batch.seq = seq;
    batch.#count = count;
    batch.#size = block.length;
    batch.#block = block;
    return batch;
  }

  /** Events in the batch. */
  get count(): number {
    return this.#count;
  }

  /** Their bytes, with the commas between them: all of them once the batch is `finish`ed. */
  get size(): number {
    return this.#size;
  }

  /**
   * Takes an event in; by how many bytes the batch has grown. Throws EVENT_TOO_LARGE past `bytesMax`.
   * `at` is the event's place in the caller's own call.
   */
  add(event: string | Uint8Array, bytesMax: number, sink: Sink, at: number): number {
    if (!this.#open.event(event, bytesMax)) throw tooLarge(bytesMax);
    if (this.#count === 0) this.since = performance.now();
    this.#count++;
    const last = this.#parts.at(-1);
    if (last?.sink === sink && last.at + last.count === at) last.count++;
    else this.#parts.push({ sink, at, count: 1 });
    return this.#grown();
  }

  /** No event is added any more; how many more bytes there are than `add` told. */
  finish(): number {
    this.#open.write();
    return this.#grown();
  }

  /** Makes the block. Returns the buffer, emptied. */
  seal(seq: number): EventBuffer {
    const events = this.#open;
    this.seq = seq;
    this.#block = encodeBatch(events);
    this.#events = undefined;
    events.clear();
    return events;
  }

  get block(): Buffer {
    if (this.#block === undefined) throw new TypeError("the batch is not sealed");
    return this.#block;
  }

  /** Whether somebody in this process waits for the answer. */
  get awaited(): boolean {
    return this.#parts.length > 0;
  }

  /** Tells everyone who waits what became of their events. */
  answer(answer: BatchAnswer): void {
    const refused = new Map(answer.refused.map((event) => [event.index, event]));
    let offset = answer.firstOffset;
    let index = 0;
    for (const { sink, at, count } of this.#parts)
      for (let step = 0; step < count; step++, index++) {
        const refusal = refused.get(index);
        if (refusal === undefined) sink.accepted(at + step, offset++);
        else sink.refused(at + step, withoutIndex(refusal));
      }
    this.#parts = [];
  }

  /** Tells everyone who still waits the same error. */
  fail(error: ErrorJson): void {
    for (const { sink, at, count } of this.#parts)
      for (let step = 0; step < count; step++) sink.refused(at + step, error);
    this.#parts = [];
  }

  get #open(): EventBuffer {
    if (this.#events === undefined) throw new TypeError("the batch is sealed");
    return this.#events;
  }

  #grown(): number {
    const { size } = this.#open;
    const bytes = size - this.#size;
    this.#size = size;
    return bytes;
  }
}

function withoutIndex(refusal: ErrorJson): ErrorJson {
  const { code, message, details } = refusal;
  return details === undefined ? { code, message } : { code, message, details };
}

function tooLarge(bytesMax: number): FedbusError {
  return new FedbusError("EVENT_TOO_LARGE", `an event has at most ${bytesMax} bytes`, {
    details: { bytesMax },
  });
}
