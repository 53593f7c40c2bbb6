import { FedbusError } from "../../schemas/errors.js";
import type { BatchAnswer, EventLog } from "../log/event-log.js";
import { answersMax } from "../log/event-log.js";

/** One producer, as this broker knows it. */
interface Producer {
  epoch: number;
  nextSeq: number;
  /** Answers to be given. */
  pending: number;
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
  /** Producers for which a newer instance is being made, each with when that is over. */
  readonly #opening = new Map<string, Promise<void>>();
  #producers = new Map<string, Producer>();

  constructor(log: EventLog, producersMax = 10_000) {
    this.#log = log;
    this.#producersMax = producersMax;
  }

  async open(request: OpenProducer): Promise<OpenedProducer> {
    const { producer: id, epoch } = request;
    if (id.length < 1 || id.length > 128)
      throw new FedbusError("OPTIONS_INVALID", "`producer` must have 1 to 128 characters");
    if (epoch === undefined) await this.#raise(id);
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
   * Rejects with PRODUCER_UNKNOWN, PRODUCER_FENCED, SEQUENCE_GAP, or with PUBLISH_UNKNOWN if the
   * first answer is not kept any more.
   */
  async take(
    batch: { readonly producer: string; readonly epoch: number; readonly seq: number },
    accept: () => { readonly count: number; readonly answer: Promise<BatchAnswer> },
  ): Promise<BatchAnswer> {
    // Without an await where the producer is known: batches must be taken in arrival order.
    let producer = this.#current(batch.producer);
    while (producer === undefined) {
      await this.#opening.get(batch.producer);
      if ((await this.#get(batch.producer)) === undefined) throw unknown(batch.producer);
      producer = this.#current(batch.producer);
    }
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
    track(producer, batch.seq, answer);
    if (producer.answers.size > answersMax)
      producer.answers.delete(producer.answers.keys().next().value!);
    return await answer;
  }

  /**
   * Makes a newer instance of the producer. What older ones have in the commit queue goes first and
   * what they send meanwhile waits: the state that the new instance starts from is the last word.
   */
  #raise(id: string): Promise<void> {
    const before = this.#opening.get(id) ?? Promise.resolve();
    const raised = before.then(async () => {
      await Promise.allSettled(this.#producers.get(id)?.answers.values() ?? []);
      this.#remember(id, await this.#log.openProducer(id));
    });
    const over = raised
      .catch(() => {})
      .then(() => {
        if (this.#opening.get(id) === over) this.#opening.delete(id);
      });
    this.#opening.set(id, over);
    return raised;
  }

  /** Forgets everything: the log knows what was stored. */
  forget(): void {
    this.#producers = new Map();
  }

  /** The producer, if it is known and nobody is taking it over just now. */
  #current(id: string): Producer | undefined {
    return this.#opening.has(id) ? undefined : this.#producers.get(id);
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
      pending: 0,
      answers: new Map(state.answers.map((answer) => [answer.seq, Promise.resolve(answer)])),
    };
    this.#producers.delete(id);
    if (this.#producers.size >= this.#producersMax) this.#dropIdle();
    this.#producers.set(id, producer);
    return producer;
  }

  /** Makes room. A producer with a batch in the commit queue stays: the log does not have it yet. */
  #dropIdle(): void {
    for (const [id, { pending }] of this.#producers)
      if (pending === 0) {
        this.#producers.delete(id);
        return;
      }
  }
}

function track(producer: Producer, seq: number, answer: Promise<BatchAnswer>): void {
  producer.answers.set(seq, answer);
  producer.pending++;
  const settled = (): void => {
    producer.pending--;
  };
  answer.then(settled, settled);
}

function firstAnswer(producer: Producer, seq: number): Promise<BatchAnswer> {
  const answer = producer.answers.get(seq);
  if (answer !== undefined) return answer;
  // Not a gap: sending it again would only be answered the same.
  throw new FedbusError(
    "PUBLISH_UNKNOWN",
    `the sequence ${seq} is passed, and the answer to its batch is no longer kept`,
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
