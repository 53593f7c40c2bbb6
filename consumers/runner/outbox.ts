import {
  type BatchAnswer,
  Block,
  type EventSink,
  type NumberedBatch,
  type Operation,
  type RefusedEvent,
  type SinkOptions,
} from "../../bus/index.js";
import { outboxKey, outboxRange, outboxSeq } from "../store/keys.js";
import type { StateStore } from "../store/state-store.js";
import { Refusals } from "./refusals.js";

/**
 * Batches that are answered while the store does not know it yet, about: the hub repeats only its
 * last 64 answers to a producer, and some more batches are on their way.
 */
const answeredMax = 16;

/** An output that the hub did not take. */
export interface RefusedOutput {
  readonly seq: number;
  readonly topic: string;
  readonly error: Omit<RefusedEvent, "index">;
  /** The whole envelope. */
  readonly original: unknown;
}

/** Batches that the hub has answered, and their outputs that it did not take. */
export interface Answers {
  readonly seqs: readonly number[];
  readonly refused: readonly RefusedOutput[];
}

/** The writes that keep `batches`, and take out those that were answered. */
export function outboxOperations(
  batches: readonly NumberedBatch[],
  answered: readonly number[],
): Operation[] {
  const operations: Operation[] = batches.map(({ seq, block }) => {
    return { type: "put", key: outboxKey(seq), value: block };
  });
  for (const seq of answered) operations.push({ type: "del", key: outboxKey(seq) });
  return operations;
}

/** Opens the way out, for outputs from `nextSeq` on; those before `endSeq` exist already. */
export type OpenSink = (place: Pick<SinkOptions, "nextSeq" | "endSeq">) => EventSink;

export interface OutboxOptions {
  /** The topic of dead letters. */
  readonly letters: string;
  /** Absent: nothing is sent. */
  readonly openSink: OpenSink | undefined;
  /** Outputs that may be on their way at once, bytes. */
  readonly bytesMax: number;
  readonly signal: AbortSignal;
}

/**
 * Outputs that are committed, on their way into the log. They lie in the store until the hub has
 * answered; what a process leaves there, the next one sends again, and the hub knows what it has.
 * Without a sink they stay.
 */
export class Outbox {
  readonly #sink: EventSink | undefined;
  readonly #bytesMax: number;
  #answered: number[] = [];
  #refused: RefusedOutput[] = [];
  #bytes = 0;
  #failure: unknown;
  #wake: () => void = () => {};

  readonly #signal: AbortSignal;
  /** Of what was sent since it was opened. */
  readonly refusals: Refusals;

  private constructor(sink: EventSink | undefined, options: Omit<OutboxOptions, "openSink">) {
    const { letters, bytesMax, signal } = options;
    this.#sink = sink;
    this.#bytesMax = bytesMax;
    this.#signal = signal;
    this.refusals = new Refusals(letters);
    signal.addEventListener("abort", () => this.#wake(), { once: true });
  }

  /**
   * Sends again what is left in the store, and resolves when the rest of it is no more than may wait.
   * `nextSeq`: the sequence after all of it.
   */
  static async open(store: StateStore, nextSeq: number, options: OutboxOptions): Promise<Outbox> {
    const { openSink } = options;
    if (openSink === undefined) return new Outbox(undefined, options);
    const sink = openSink({ nextSeq: (await firstSeq(store)) ?? nextSeq, endSeq: nextSeq });
    const outbox = new Outbox(sink, options);
    try {
      await outbox.#resend(store);
      return outbox;
    } catch (error) {
      await outbox.close();
      throw error;
    }
  }

  /** What the hub has answered since the last call, for the next commit. */
  takeAnswers(): Answers {
    const answers = { seqs: this.#answered, refused: this.#refused };
    this.#answered = [];
    this.#refused = [];
    return answers;
  }

  /** That commit has failed: they are for the next one. */
  returnAnswers({ seqs, refused }: Answers): void {
    this.#answered = [...seqs, ...this.#answered];
    this.#refused = [...refused, ...this.#refused];
  }

  /** Whether so many batches are answered that the hub may soon forget its first answers. */
  get isFull(): boolean {
    return this.#answered.length >= answeredMax;
  }

  /** Whether a commit would have something to take out. */
  get hasAnswers(): boolean {
    return this.#answered.length > 0;
  }

  /** Whether outputs were refused since the last `takeAnswers`. */
  get hasRefused(): boolean {
    return this.#refused.length > 0;
  }

  /** Whether something is on its way, or the store does not know yet that it has arrived. */
  get isSending(): boolean {
    return !this.isDrained || this.hasAnswers;
  }

  /** Whether the log has answered everything that was sent. */
  get isDrained(): boolean {
    return this.#bytes === 0;
  }

  /** Sends batches that are committed. */
  send(batches: readonly NumberedBatch[]): void {
    if (this.#sink === undefined) return;
    for (const batch of batches) {
      this.#bytes += batch.block.length;
      this.#sink.send(batch).then(
        (answer) => this.#done(batch, answer),
        (error) => this.#fail(error),
      );
    }
  }

  async #resend(store: StateStore): Promise<void> {
    for await (const batch of outboxBatches(store)) {
      if (this.#signal.aborted) return;
      this.send([batch]);
      await this.room();
    }
  }

  /** Throws if outputs cannot be published any more. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Resolves when there is room for more, or at the signal; rejects like `check`. */
  async room(): Promise<void> {
    await this.#until(this.#bytesMax);
  }

  /** Resolves when everything is in the log, or at the signal; rejects like `check`. */
  async drained(): Promise<void> {
    await this.#until(0);
  }

  async close(): Promise<void> {
    await this.#sink?.close();
  }

  async #until(bytes: number): Promise<void> {
    while (this.#bytes > bytes && this.#failure === undefined && !this.#signal.aborted)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    this.check();
  }

  #done({ seq, block }: NumberedBatch, { refused }: BatchAnswer): void {
    this.#bytes -= block.length;
    this.#answered.push(seq);
    if (refused.length > 0 || this.refusals.isUnderWay) this.#doneBut(refused, seq, block);
    this.#wake();
  }

  #doneBut(refused: readonly RefusedEvent[], seq: number, block: Buffer): void {
    const outputs = Block.decode(block).parse() as { readonly topic: string }[];
    this.refusals.answered(outputs, new Set(refused.map(({ index }) => index)));
    for (const { index, ...error } of refused) {
      const original = outputs[index]!;
      this.#refused.push({ seq: seq + index, topic: original.topic, error, original });
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#wake();
  }
}

/** The batches in a store's outbox, in order. */
export async function* outboxBatches(store: StateStore): AsyncGenerator<NumberedBatch> {
  for await (const [seq, bytes] of store.outbox()) {
    const block = Block.decode(bytes);
    block.checkBody();
    yield { seq, count: block.count, block: bytes };
  }
}

/** The sequence of the first output that is left in a store's outbox. */
export async function firstSeq(store: StateStore): Promise<number | undefined> {
  for await (const [first] of store.steps(outboxRange, 1)) return outboxSeq(first![0]);
  return undefined;
}
