import { FedbusError, isFedbusError } from "../../schemas/errors.js";
import type { BatchAnswer } from "../log/event-log.js";
import { Backoff } from "./backoff.js";
import type { Batch } from "./batch.js";
import type { PublishPort } from "./port.js";

export interface WindowOptions {
  readonly producer: string;
  readonly batchesMax: number;
  /** What an earlier process left unanswered, in order. */
  readonly left: readonly Batch[];
  /** Called once for each batch that the hub has answered. */
  readonly onAnswer: (batch: Batch, answer: BatchAnswer) => void;
  /** Called once for each batch that the hub will never take. */
  readonly onRefused: (batch: Batch, error: FedbusError) => void;
  /** Called when a batch may be sent. */
  readonly onRoom: () => void;
  /** Called at most once: nothing can be published any more. */
  readonly onFatal: (error: FedbusError) => void;
}

/**
 * Batches in flight, and their resending. Sequences run on; after any failure that may pass, the
 * producer is opened again and everything unanswered is sent once more, in order. The hub answers
 * what it has already stored, so nothing is doubled.
 */
export class Window {
  readonly #port: PublishPort;
  readonly #options: WindowOptions;
  readonly #backoff = new Backoff();
  readonly #stop = new AbortController();
  /** Batches that have their sequence and are not here yet. */
  #claimed = 0;
  /** Sent or to be sent, not answered; in sequence order. */
  readonly #batches = new Map<number, Batch>();
  #epoch: number | undefined;
  #nextSeq: number | undefined;
  /** Raised with each resend: what an earlier attempt fails with does not matter any more. */
  #attempt = 0;
  #recovering = false;

  constructor(port: PublishPort, options: WindowOptions) {
    this.#port = port;
    this.#options = options;
    for (const batch of options.left) this.#batches.set(batch.seq, batch);
    void this.#recover();
  }

  get size(): number {
    return this.#batches.size;
  }

  get hasRoom(): boolean {
    const taken = this.#batches.size + this.#claimed;
    return this.#nextSeq !== undefined && taken < this.#options.batchesMax;
  }

  /** The sequence for the next `count` events, which `send` brings. Only while there is room. */
  claim(count: number): number {
    const seq = this.#nextSeq!;
    this.#nextSeq = seq + count;
    this.#claimed++;
    return seq;
  }

  /** Takes a sealed batch whose sequence was claimed. In sequence order. */
  send(batch: Batch): void {
    this.#claimed--;
    if (this.#stop.signal.aborted) return;
    this.#batches.set(batch.seq, batch);
    if (!this.#recovering) void this.#publish(batch);
  }

  batches(): Iterable<Batch> {
    return this.#batches.values();
  }

  close(): void {
    this.#stop.abort();
    this.#batches.clear();
  }

  async #publish(batch: Batch): Promise<void> {
    const attempt = this.#attempt;
    const { producer } = this.#options;
    const { seq, block } = batch;
    try {
      const answer = await this.#port.publish({ producer, epoch: this.#epoch!, seq, block });
      if (!this.#batches.delete(seq)) return;
      this.#backoff.reset();
      this.#options.onAnswer(batch, answer);
      this.#options.onRoom();
    } catch (error) {
      if (attempt === this.#attempt && !this.#stop.signal.aborted) this.#failed(batch, error);
    }
  }

  #failed(batch: Batch, error: unknown): void {
    const failure = asFedbusError(error);
    if (failure.code === "PRODUCER_FENCED" || failure.code === "CLOSED") {
      this.#end(failure);
      return;
    }
    if (!failure.retryable || failure.code === "PUBLISH_UNKNOWN") {
      this.#batches.delete(batch.seq);
      this.#options.onRefused(batch, failure);
    }
    void this.#recover();
  }

  /** Tells first: whoever is told still finds the batches that nobody will answer. */
  #end(failure: FedbusError): void {
    this.#options.onFatal(failure);
    this.close();
  }

  async #recover(): Promise<void> {
    if (this.#recovering) return;
    this.#recovering = true;
    this.#attempt++;
    while (!this.#stop.signal.aborted) {
      try {
        await this.#open();
        break;
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        const failure = asFedbusError(error);
        if (failure.code === "PRODUCER_UNKNOWN") this.#epoch = undefined;
        else if (!failure.retryable) {
          this.#end(failure);
          return;
        }
        await this.#backoff.wait(this.#stop.signal);
      }
    }
    this.#recovering = false;
    for (const batch of [...this.#batches.values()]) void this.#publish(batch);
    this.#options.onRoom();
  }

  /** Opens the producer, or takes it up again, where the oldest unanswered batch stands. */
  async #open(): Promise<void> {
    const { producer } = this.#options;
    const first = this.#epoch === undefined;
    if (first) {
      const opened = await this.#port.openProducer({ producer });
      this.#epoch = opened.epoch;
      this.#settleStored(opened.nextSeq);
      this.#nextSeq = Math.max(this.#nextSeq ?? 0, this.#afterLast(), opened.nextSeq);
    } else await this.#backoff.wait(this.#stop.signal);
    const [oldest] = this.#batches.keys();
    const nextSeq = oldest ?? this.#nextSeq!;
    await this.#port.openProducer({ producer, epoch: this.#epoch!, nextSeq });
  }

  /** Spooled batches that the hub has stored under an earlier instance are done. */
  #settleStored(nextSeq: number): void {
    for (const [seq, batch] of [...this.#batches]) {
      if (batch.awaited || seq + batch.count > nextSeq) continue;
      this.#batches.delete(seq);
      const { count } = batch;
      this.#options.onAnswer(batch, { seq, count, firstOffset: -1, refused: [] });
    }
  }

  #afterLast(): number {
    const last = [...this.#batches.values()].at(-1);
    return last === undefined ? 0 : last.seq + last.count;
  }
}

function asFedbusError(error: unknown): FedbusError {
  return isFedbusError(error)
    ? error
    : new FedbusError("INTERNAL", "publishing failed", { cause: error });
}
