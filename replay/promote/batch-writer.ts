import { encodeBatch, type NumberedBatch, type Operation } from "../../bus/index.js";
import { batchLimits } from "../../consumers/runner/limits.js";
import { outboxKey } from "../../consumers/store/keys.js";
import { type Envelope, EventBuffer } from "../../schemas/index.js";

/** Writes envelopes as numbered batches, from 0 on: the outbox of a new generation. */
export class BatchWriter {
  #buffer = new EventBuffer();
  #batches: NumberedBatch[] = [];
  #nextSeq = 0;

  /** The sequence behind everything written. */
  get nextSeq(): number {
    return this.#nextSeq + this.#buffer.count;
  }

  /** Batches that wait to be taken. */
  get waiting(): number {
    return this.#batches.length;
  }

  write(envelope: Envelope): void {
    this.#buffer.event(JSON.stringify(envelope));
    const { eventsMax, bytesMax } = batchLimits;
    if (this.#buffer.count >= eventsMax || this.#buffer.size >= bytesMax) this.#seal();
  }

  /** The writes that keep all batches that are full; at the end, `all` of them. */
  take({ all }: { readonly all: boolean }): Operation[] {
    if (all) this.#seal();
    const operations: Operation[] = this.#batches.map(({ seq, block }) => {
      return { type: "put", key: outboxKey(seq), value: block };
    });
    this.#batches = [];
    return operations;
  }

  #seal(): void {
    const { count } = this.#buffer;
    if (count === 0) return;
    this.#batches.push({ seq: this.#nextSeq, count, block: encodeBatch(this.#buffer) });
    this.#nextSeq += count;
    this.#buffer = new EventBuffer();
  }
}
