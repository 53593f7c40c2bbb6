import { FedbusError } from "../../schemas/errors.js";
import type { BatchAnswer, EventLog } from "../log/event-log.js";
import { answersMax } from "../log/event-log.js";

/** One producer, as this broker knows it. */
interface Producer {
  epoch: number;
  nextSeq: number;
  /** Answers given or to be given, by the batch's first sequence, oldest first. */
  readonly answers: Map<number, Promise<BatchAnswer>>;
}

export interface OpenProducer {
  readonly producer: string;
  /** The epoch this instance already has. Default: none, so that a new one is made. */
  readonly epoch?: number;
  /** Everything before this sequence is answered, the instance says. */
  readonly nextSeq?: number;
}

export interface OpenedProducer {
  readonly epoch: number;
  /** The sequence that the hub expects next. */
  readonly nextSeq: number;
}

/**
 * Dedupe by producer id, epoch and sequence. Each batch is taken once; a resend gets the first
 * answer, even while that is still being written; an older instance of a producer is refused.
 *
 * The log is the truth: this is a bounded cache of it, dropped whole when a commit fails.
 */
export class Producers {
  readonly #log: EventLog;
  readonly #producersMax: number;
  #producers = new Map<string, Producer>();

  constructor(log: EventLog, producersMax = 10_000) {
    this.#log = log;
    this.#producersMax = producersMax;
  }

  async open(request: OpenProducer): Promise<OpenedProducer> {
    const { producer: id, epoch } = request;
    if (id.length < 1 || id.length > 128)
      throw new FedbusError("OPTIONS_INVALID", "`producer` must have 1 to 128 characters");
    if (epoch === undefined) {
      this.#remember(id, await this.#log.openProducer(id));
    }
    const known = await this.#get(id);
    if (known === undefined) throw unknown(id);
    if (epoch !== undefined) checkEpoch(id, epoch, known.epoch);
    if (request.nextSeq !== undefined && request.nextSeq > known.nextSeq)
      known.nextSeq = request.nextSeq;
    return { epoch: known.epoch, nextSeq: known.nextSeq };
  }

  /**
   * Takes the batch if it is the producer's next one, by calling `accept` at once; a batch seen
   * before gets its first answer.
   * Rejects with PRODUCER_UNKNOWN, PRODUCER_FENCED or SEQUENCE_GAP.
   */
  async take(
    batch: { readonly producer: string; readonly epoch: number; readonly seq: number },
    accept: () => { readonly count: number; readonly answer: Promise<BatchAnswer> },
  ): Promise<BatchAnswer> {
    // Without an await where the producer is known: batches must be taken in arrival order.
    const producer = this.#producers.get(batch.producer) ?? (await this.#get(batch.producer));
    if (producer === undefined) throw unknown(batch.producer);
    checkEpoch(batch.producer, batch.epoch, producer.epoch);
    if (batch.seq < producer.nextSeq) return await firstAnswer(producer, batch.seq);
    if (batch.seq > producer.nextSeq)
      throw new FedbusError(
        "SEQUENCE_GAP",
        `expected sequence ${producer.nextSeq}, got ${batch.seq}`,
        { details: { expected: producer.nextSeq, got: batch.seq } },
      );
    const { count, answer } = accept();
    producer.nextSeq += count;
    producer.answers.set(batch.seq, answer);
    if (producer.answers.size > answersMax)
      producer.answers.delete(producer.answers.keys().next().value!);
    return await answer;
  }

  /** Forgets everything: the log knows what was stored. */
  forget(): void {
    this.#producers = new Map();
  }

  async #get(id: string): Promise<Producer | undefined> {
    const cached = this.#producers.get(id);
    if (cached !== undefined) return cached;
    const stored = await this.#log.producer(id);
    // Another call may have loaded it meanwhile, and moved on.
    return this.#producers.get(id) ?? (stored && this.#remember(id, stored));
  }

  #remember(
    id: string,
    state: { epoch: number; nextSeq: number; answers: readonly BatchAnswer[] },
  ): Producer {
    const producer: Producer = {
      epoch: state.epoch,
      nextSeq: state.nextSeq,
      answers: new Map(state.answers.map((answer) => [answer.seq, Promise.resolve(answer)])),
    };
    if (this.#producers.size >= this.#producersMax)
      this.#producers.delete(this.#producers.keys().next().value!);
    this.#producers.set(id, producer);
    return producer;
  }
}

function firstAnswer(producer: Producer, seq: number): Promise<BatchAnswer> {
  const answer = producer.answers.get(seq);
  if (answer !== undefined) return answer;
  throw new FedbusError(
    "SEQUENCE_GAP",
    `the answer to the batch at sequence ${seq} is no longer kept; it was given before`,
    { details: { expected: producer.nextSeq, got: seq } },
  );
}

function checkEpoch(id: string, got: number, current: number): void {
  if (got < current)
    throw new FedbusError("PRODUCER_FENCED", `a newer instance of producer "${id}" took over`, {
      details: { producer: id, epoch: got, current },
    });
  if (got > current) throw unknown(id);
}

function unknown(id: string): FedbusError {
  return new FedbusError("PRODUCER_UNKNOWN", `no producer "${id}" of that epoch`, {
    details: { producer: id },
  });
}
