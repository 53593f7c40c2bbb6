import { encodeBatch, type NumberedBatch } from "../../bus/index.js";
import { jsonOf, openingOf, rememberedTopicsMax } from "../../schemas/envelope-text.js";
import { EventBuffer, FedbusError } from "../../schemas/index.js";
import { RecentCache } from "../../schemas/recent-cache.js";
import type { EmitOptions } from "../plugin/context.js";
import type { BatchSlabs } from "./batch-slabs.js";
import { batchLimits, outputBytesMax } from "./limits.js";
import { OutputCounts } from "./output-counts.js";
import { beforeBody, OutputHead } from "./output-head.js";
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
  readonly #heads = new RecentCache<OutputHead>(rememberedTopicsMax);
  readonly #by: string;
  /** Used again for each batch: fresh ones would bring full collections on. */
  readonly #buffer = new EventBuffer();
  readonly #slabs: BatchSlabs | undefined;
  #batches: NumberedBatch[] = [];
  #nextSeq: number;
  #offset: number;
  readonly #counts: OutputCounts;
  #sealedBytes = 0;

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
    this.#counts = new OutputCounts(start.cause.counts);
  }

  /** The sequence of the next output. */
  get nextSeq(): number {
    return this.#nextSeq + this.#buffer.count;
  }

  get cause(): Cause {
    return { offset: this.#offset, counts: this.#counts.byGroup };
  }

  /** The offset of the cause. */
  get offset(): number {
    return this.#offset;
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
    this.#counts.clear();
  }

  /** Throws TOPIC_INVALID, EVENT_INVALID or EVENT_TOO_LARGE. `now` is the log's time, ms. */
  write(
    group: number,
    now: number,
    topic: string,
    msg: unknown,
    options: EmitOptions | undefined,
  ): void {
    const head = this.#heads.get(topic) ?? this.#newHead(topic);
    const body = jsonOf(msg, "msg", topic);
    const own = options?.headers === undefined ? "" : ownMembers(options.headers, topic);
    const about = options === undefined ? "" : aboutOf(options);
    const [offset, index] = [this.#offset, this.#counts.of(group)];
    let isTaken: boolean;
    if (own !== "") {
      const start = head.textOf(own, now, offset, group, index);
      isTaken = this.#buffer.event(`${start}${about}${beforeBody}${body}}`, outputBytesMax);
    } else if (about !== "") {
      const start = head.openOf(now, offset, group, index);
      isTaken = this.#buffer.envelope(start, about + beforeBody + body, outputBytesMax);
    } else {
      const start = head.bytesOf(now, offset, group, index);
      isTaken = this.#buffer.envelope(start, body, outputBytesMax);
    }
    if (!isTaken) throw tooLarge(topic);
    this.#counts.increment(group);
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

  #newHead(topic: string): OutputHead {
    const head = new OutputHead({ opening: openingOf(topic), by: this.#by, ids: this.#ids });
    this.#heads.set(topic, head);
    return head;
  }
}

/** The plugin's own headers, each with its comma. */
function ownMembers(headers: NonNullable<EmitOptions["headers"]>, topic: string): string {
  const { cause: _, ...own } = headers;
  const json = jsonOf(own, "headers", topic);
  return json === "{}" ? "" : `${json.slice(1, -1)},`;
}

/** What the cause tells besides the offset. */
function aboutOf({ key, window }: EmitOptions): string {
  const ofKey = key === undefined ? "" : `,"key":${JSON.stringify(key)}`;
  return window === undefined ? ofKey : `${ofKey},"window":[${window.start},${window.end}]`;
}

function tooLarge(topic: string): FedbusError {
  return new FedbusError("EVENT_TOO_LARGE", `an output has at most ${outputBytesMax} bytes`, {
    details: { topic, outputBytesMax },
  });
}
