import { encodeBatch, type NumberedBatch } from "../../bus/index.js";
import { jsonOf, Openings } from "../../schemas/envelope-text.js";
import { EventBuffer, FedbusError } from "../../schemas/index.js";
import type { EmitOptions } from "../plugin/context.js";
import type { BatchSlabs } from "./batch-slabs.js";
import { batchLimits, outputBytesMax } from "./limits.js";
import { OutputIds } from "./output-id.js";

/** What caused outputs: the event being handled, or for a timer the last event before it. */
export interface Cause {
  readonly offset: number;
  /** How many outputs it has had so far, by key group. */
  readonly counts: Readonly<Record<number, number>>;
}

/**
 * Writes a consumer's outputs as envelopes, and gathers them in batches. Every byte of an output
 * depends on its cause and its content alone, so a replay writes the same ones.
 */
export class OutputWriter {
  readonly #ids: OutputIds;
  readonly #openings = new Openings();
  readonly #by: string;
  /** Used again for each batch: fresh ones would bring full collections on. */
  readonly #buffer = new EventBuffer();
  readonly #slabs: BatchSlabs | undefined;
  #batches: NumberedBatch[] = [];
  #nextSeq: number;
  #offset: number;
  #counts: Record<number, number>;
  #hasCounted = true;
  #sealedBytes = 0;
  /** The log's time of the last output, and its text in seconds. */
  #now = -1;
  #seconds = "";

  constructor(
    by: { readonly consumer: string; readonly version: string },
    start: {
      readonly nextSeq: number;
      readonly cause: Cause;
      /** Default: each batch gets memory of its own. */
      readonly slabs?: BatchSlabs | undefined;
    },
  ) {
    this.#slabs = start.slabs;
    this.#ids = new OutputIds(by.consumer);
    const { consumer, version } = by;
    this.#by = `"cause":{"consumer":${JSON.stringify(consumer)},"version":${JSON.stringify(version)},"offset":`;
    this.#nextSeq = start.nextSeq;
    this.#offset = start.cause.offset;
    this.#counts = { ...start.cause.counts };
  }

  /** The sequence of the next output. */
  get nextSeq(): number {
    return this.#nextSeq + this.#buffer.count;
  }

  get cause(): Cause {
    return { offset: this.#offset, counts: this.#counts };
  }

  /** Bytes of outputs written since the last `take`. */
  get bytes(): number {
    return this.#sealedBytes + this.#buffer.size;
  }

  get isEmpty(): boolean {
    return this.#buffer.count === 0 && this.#batches.length === 0;
  }

  /** What comes from here on is caused by the event at `offset`. */
  causedBy(offset: number): void {
    if (offset === this.#offset) return;
    this.#offset = offset;
    if (this.#hasCounted) this.#counts = {};
    this.#hasCounted = false;
  }

  /** Throws TOPIC_INVALID, EVENT_INVALID or EVENT_TOO_LARGE. `now` is the log's time, ms. */
  write(
    group: number,
    now: number,
    topic: string,
    msg: unknown,
    options: EmitOptions | undefined,
  ): void {
    const opening = this.#openings.of(topic);
    const body = jsonOf(msg, "msg", topic);
    const headers = this.#headers(options, topic);
    const index = this.#counts[group] ?? 0;
    const id = this.#ids.idOf(now, this.#offset, group, index);
    if (now !== this.#now) {
      this.#now = now;
      this.#seconds = String(now / 1000);
    }
    const event = `${opening}${id}","timestamp":${this.#seconds},"i":${index + 1},"headers":${headers},"msg":${body}}`;
    if (!this.#buffer.event(event, outputBytesMax)) throw tooLarge(topic);
    this.#counts[group] = index + 1;
    this.#hasCounted = true;
    const { eventsMax, bytesMax } = batchLimits;
    if (this.#buffer.count >= eventsMax || this.#buffer.size >= bytesMax) this.#seal();
  }

  /** All batches written since the last `take`. */
  take(): readonly NumberedBatch[] {
    this.#seal();
    const batches = this.#batches;
    this.#batches = [];
    this.#sealedBytes = 0;
    return batches;
  }

  #seal(): void {
    const { count } = this.#buffer;
    if (count === 0) return;
    const slabs = this.#slabs;
    const block = encodeBatch(this.#buffer, slabs && ((bytes) => slabs.take(bytes)));
    this.#batches.push({ seq: this.#nextSeq, count, block });
    this.#sealedBytes += block.length;
    this.#nextSeq += count;
    this.#buffer.clear();
  }

  #headers(options: EmitOptions | undefined, topic: string): string {
    let cause = `${this.#by}${this.#offset}`;
    if (options === undefined) return `{${cause}}}`;
    const { headers, key, window } = options;
    if (key !== undefined) cause += `,"key":${JSON.stringify(key)}`;
    if (window !== undefined) cause += `,"window":[${window.start},${window.end}]`;
    if (headers === undefined) return `{${cause}}}`;
    const { cause: _, ...own } = headers;
    const json = jsonOf(own, "headers", topic);
    return json === "{}" ? `{${cause}}}` : `${json.slice(0, -1)},${cause}}}`;
  }
}

function tooLarge(topic: string): FedbusError {
  return new FedbusError("EVENT_TOO_LARGE", `an output has at most ${outputBytesMax} bytes`, {
    details: { topic, outputBytesMax },
  });
}
