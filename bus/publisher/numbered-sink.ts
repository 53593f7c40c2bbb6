import { FedbusError } from "../../schemas/errors.js";
import { at } from "../block/layout.js";
import type { EventSink, NumberedBatch, SinkOptions } from "../bus.js";
import { problemsIn, refuse } from "../kernel/options.js";
import type { BatchAnswer } from "../log/event-log.js";
import { batchBytesMax } from "../wire/limits.js";
import { publisherDefaults, windowBatchesBounds } from "./options.js";
import type { PublishPort } from "./port.js";
import { isPassed, type SealedBatch, Window } from "./window.js";

/** A batch and who waits for its answer. */
interface Pending extends SealedBatch {
  readonly resolve: (answer: BatchAnswer) => void;
  readonly reject: (error: FedbusError) => void;
}

/**
 * Sends what its caller has numbered, over a `Window`. The hub tells resends by their sequences;
 * so the same sequence must always carry the same batch, as a durable outbox does.
 */
export class NumberedSink implements EventSink {
  readonly #window: Window<Pending>;
  readonly #onClose: () => void;
  /** The sequence of the next send. */
  #next: number;
  #fatal: FedbusError | undefined;
  #closed = false;

  /** `onClose` is called once, when the sink is closed. Throws OPTIONS_INVALID. */
  constructor(port: PublishPort, options: SinkOptions, onClose: () => void = () => {}) {
    checkSinkOptions(options);
    const { producer, nextSeq, endSeq = Number.POSITIVE_INFINITY, windowBatchesMax } = options;
    this.#onClose = onClose;
    this.#next = nextSeq;
    this.#window = new Window<Pending>(port, {
      producer,
      batchesMax: windowBatchesMax ?? publisherDefaults.windowBatchesMax,
      nextSeq,
      endSeq,
      left: [],
      onAnswer: (batch, answer) => this.#answered(batch, answer),
      onRefused: (batch, error) => this.#refused(batch, error),
      onRoom: () => {},
      onFatal: (error) => this.#end(error),
    });
  }

  send(batch: NumberedBatch): Promise<BatchAnswer> {
    if (this.#fatal !== undefined) return Promise.reject(this.#fatal);
    return new Promise((resolve, reject) => {
      const { seq, count, block } = batch;
      checkBatch(batch, this.#next);
      this.#next = seq + count;
      // Larger ones end the connection instead of being answered.
      if (block.length > batchBytesMax)
        throw new FedbusError("BLOCK_INVALID", `a batch has at most ${batchBytesMax} bytes`, {
          details: { bytes: block.length, batchBytesMax },
        });
      this.#window.send({ seq, count, block, awaited: true, resolve, reject });
    });
  }

  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#end(new FedbusError("CLOSED", "the sink is closed"));
      this.#onClose();
    }
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #answered(batch: Pending, answer: BatchAnswer): void {
    if (answer.count === batch.count) batch.resolve(answer);
    else this.#diverge(batch, batch.seq + answer.count);
  }

  /** What the hub has passed is stored, unless it ended elsewhere. */
  #refused(batch: Pending, error: FedbusError): void {
    const { seq, count } = batch;
    if (!isPassed(error)) batch.reject(error);
    else if ((error.details.expected as number) < seq + count)
      this.#diverge(batch, error.details.expected as number);
    else batch.resolve({ seq, count, firstOffset: -1, refused: [] });
  }

  #diverge(batch: Pending, hub: number): void {
    const { seq, count } = batch;
    const error = new FedbusError("LOG_DIVERGED", "the hub has another batch of that sequence", {
      details: { seq, count, hub },
    });
    batch.reject(error);
    this.#end(error);
  }

  /** Nothing is sent any more. */
  #end(error: FedbusError): void {
    this.#fatal ??= error;
    for (const batch of this.#window.batches()) batch.reject(error);
    this.#window.close();
  }
}

function checkBatch({ seq, count, block }: NumberedBatch, next: number): void {
  if (seq !== next) throw new RangeError(`the next sequence to send is ${next}, not ${seq}`);
  if (block.length < at.payloadBytes || block.readUInt32LE(at.count) !== count)
    throw new RangeError(`the batch of sequence ${seq} does not hold ${count} events`);
}

function checkSinkOptions(options: SinkOptions): void {
  const problems = problemsIn(options, {
    producer: "other",
    nextSeq: "count",
    endSeq: "count",
    windowBatchesMax: "count",
  });
  const { producer, nextSeq, endSeq = nextSeq, windowBatchesMax = 1 } = options;
  if (typeof producer !== "string" || !/^.{1,128}$/s.test(producer))
    problems.push("producer must have 1 to 128 characters");
  if (nextSeq === undefined) problems.push("nextSeq is missing");
  else if (endSeq < nextSeq) problems.push("endSeq must not be less than nextSeq");
  const [least, most] = windowBatchesBounds;
  if (windowBatchesMax < least || windowBatchesMax > most)
    problems.push(`windowBatchesMax must be a whole number from ${least} to ${most}`);
  refuse("sink", problems);
}
