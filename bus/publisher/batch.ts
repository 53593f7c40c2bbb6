import type { ErrorJson } from "../../schemas/errors.js";
import { encodeEvents, encodeTexts } from "../block/encode-batch.js";
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
  readonly since = performance.now();
  /** Size of the events, in UTF-16 units of texts and bytes of buffers. */
  size = 0;
  count = 0;
  /** Sequence of the first event; -1 until sealed. */
  seq = -1;
  #block: Buffer | undefined;
  #texts: (string | Buffer)[] = [];
  #allTexts = true;
  #parts: Part[] = [];

  /** A batch that an earlier process spooled: nobody waits for it here. */
  static spooled(seq: number, count: number, block: Buffer): Batch {
    const batch = new Batch();
    batch.seq = seq;
    batch.count = count;
    batch.size = block.length;
    batch.#block = block;
    return batch;
  }

  add(event: string | Buffer, sink: Sink, at: number): void {
    this.#texts.push(event);
    this.size += event.length;
    this.count++;
    if (typeof event !== "string") this.#allTexts = false;
    const last = this.#parts.at(-1);
    if (last?.sink === sink && last.at + last.count === at) last.count++;
    else this.#parts.push({ sink, at, count: 1 });
  }

  /** Closes the batch: no event may be added behind it. */
  seal(seq: number): void {
    this.seq = seq;
    this.#block = this.#allTexts
      ? encodeTexts(this.#texts as string[])
      : encodeEvents(
          this.#texts.map((event) => (typeof event === "string" ? Buffer.from(event) : event)),
        );
    this.#texts = [];
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
}

function withoutIndex(refusal: ErrorJson): ErrorJson {
  const { code, message, details } = refusal;
  return details === undefined ? { code, message } : { code, message, details };
}
