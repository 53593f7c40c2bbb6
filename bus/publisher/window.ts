import { type ErrorCode, FedbusError, isFedbusError } from "../../schemas/errors.js";
import { Backoff } from "../kernel/backoff.js";
import type { BatchAnswer } from "../log/event-log.js";
import type { PublishPort } from "./port.js";

/** What the hub says of a batch that it will never take. */
const refusals: ReadonlySet<ErrorCode> = new Set([
  "BLOCK_INVALID",
  "BLOCK_CORRUPT",
  "BLOCK_VERSION",
]);
/** What the hub says of itself: it may take the same batch once it is repaired or replaced. */
const hubFaults: ReadonlySet<ErrorCode> = new Set(["LOG_CORRUPT", "LOG_FENCED", "INTERNAL"]);

/** A sealed batch, as the window sends it. */
export interface SealedBatch {
  /** Sequence of the first event. */
  readonly seq: number;
  readonly count: number;
  readonly block: Buffer;
  /** Whether somebody in this process waits for the answer. */
  readonly awaited: boolean;
}

export interface WindowOptions<Batch extends SealedBatch> {
  readonly producer: string;
  /** Batches sent and not yet answered, at most. */
  readonly batchesMax: number;
  /** The sequence of the next event, where the caller numbers them. Default: the hub says it. */
  readonly nextSeq?: number;
  /** Behind all that the caller has ever numbered, where that is not `nextSeq`. */
  readonly endSeq?: number;
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
 * Unanswered batches, as many of them in flight as may be, and their resending. Sequences run on;
 * after any failure that may pass, the producer is opened again and everything unanswered is sent
 * once more, in order. The hub answers what it has already stored, so nothing is doubled.
 */
export class Window<Batch extends SealedBatch> {
  readonly #port: PublishPort;
  readonly #options: WindowOptions<Batch>;
  readonly #backoff = new Backoff();
  readonly #stop = new AbortController();
  /** All that are not answered, in sequence order. */
  readonly #batches = new Map<number, Batch>();
  /** Those of them that wait to be sent. */
  #unsent: Batch[] = [];
  #inFlight = 0;
  #epoch: number | undefined;
  #nextSeq: number | undefined;
  /** The sequence behind the last batch that came here: what was claimed may still be on its way. */
  #cameTo = 0;
  /** Raised with each resend: what an earlier attempt fails with does not matter any more. */
  #attempt = 0;
  #recovering = false;

  constructor(port: PublishPort, options: WindowOptions<Batch>) {
    this.#port = port;
    this.#options = options;
    this.#nextSeq = options.nextSeq;
    this.#cameTo = options.nextSeq ?? 0;
    for (const batch of options.left) this.#batches.set(batch.seq, batch);
    void this.#recover();
  }

  /** Whether another batch would be sent at once. */
  get hasRoom(): boolean {
    return this.#nextSeq !== undefined && this.#batches.size < this.#options.batchesMax;
  }

  /** The sequence for the next `count` events. Only while there is room, or `nextSeq` was given. */
  claim(count: number): number {
    const seq = this.#nextSeq!;
    this.#nextSeq = seq + count;
    return seq;
  }

  /** Takes a sealed batch whose sequence was claimed. In sequence order. */
  send(batch: Batch): void {
    if (this.#stop.signal.aborted) return;
    this.#cameTo = batch.seq + batch.count;
    this.#batches.set(batch.seq, batch);
    this.#unsent.push(batch);
    this.#fill();
  }

  batches(): Iterable<Batch> {
    return this.#batches.values();
  }

  close(): void {
    this.#stop.abort();
    this.#batches.clear();
    this.#unsent = [];
  }

  #fill(): void {
    while (!this.#recovering && this.#inFlight < this.#options.batchesMax) {
      const batch = this.#unsent.shift();
      if (batch === undefined) return;
      this.#inFlight++;
      void this.#publish(batch);
    }
  }

  async #publish(batch: Batch): Promise<void> {
    const attempt = this.#attempt;
    const { producer } = this.#options;
    const { seq, block } = batch;
    try {
      const answer = await this.#port.publish({ producer, epoch: this.#epoch!, seq, block });
      // An answer is one, whichever attempt it is to; the batch may wait to be sent again.
      if (attempt === this.#attempt) this.#inFlight--;
      else this.#unsent = this.#unsent.filter((waiting) => waiting !== batch);
      if (this.#batches.delete(seq)) {
        this.#backoff.reset();
        this.#options.onAnswer(batch, answer);
      }
      this.#fill();
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
    if (this.#isSettled(failure)) {
      // An answer to an earlier attempt may have come first.
      if (this.#batches.delete(batch.seq)) this.#options.onRefused(batch, failure);
      if (isPassed(failure)) {
        // No gap is left behind it, as there is behind a batch that the hub never takes.
        this.#inFlight--;
        this.#fill();
        this.#options.onRoom();
        return;
      }
    } else if (!this.#mayPass(failure)) {
      this.#end(failure);
      return;
    }
    void this.#recover();
  }

  /** Whether sending the batch again can bring nothing. */
  #isSettled(failure: FedbusError): boolean {
    if (!this.#isSpooled) return !failure.retryable || failure.code === "PUBLISH_UNKNOWN";
    // What the hub does not say of this very batch must not take it out of the spool.
    return failure.code === "PUBLISH_UNKNOWN" ? isPassed(failure) : refusals.has(failure.code);
  }

  /** Whether to try again: with a spool also after what only somebody at the hub can mend. */
  #mayPass(failure: FedbusError): boolean {
    return failure.retryable || (this.#isSpooled && hubFaults.has(failure.code));
  }

  /** A spool numbers its own events. */
  get #isSpooled(): boolean {
    return this.#options.nextSeq !== undefined;
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
        else if (!this.#mayPass(failure)) {
          this.#end(failure);
          return;
        }
        await this.#backoff.wait(this.#stop.signal);
      }
    }
    this.#recovering = false;
    this.#inFlight = 0;
    this.#unsent = [...this.#batches.values()];
    this.#fill();
    this.#options.onRoom();
  }

  /** Opens the producer, or takes it up again, where the oldest unanswered batch stands. */
  async #open(): Promise<void> {
    const { producer } = this.#options;
    if (this.#epoch === undefined) await this.#openAnew(producer);
    else await this.#backoff.wait(this.#stop.signal);
    const [oldest] = this.#batches.keys();
    const nextSeq = oldest ?? this.#cameTo;
    await this.#port.openProducer({ producer, epoch: this.#epoch!, nextSeq });
  }

  /** As a new instance; where sequences are not known here, they go on from where the hub says. */
  async #openAnew(producer: string): Promise<void> {
    const { epoch, nextSeq } = await this.#port.openProducer({ producer });
    const { nextSeq: own, endSeq = 0 } = this.#options;
    const known = Math.max(endSeq, this.#cameTo);
    if (own !== undefined && nextSeq > known)
      throw new FedbusError("LOG_DIVERGED", "the hub has more of this producer than it knows of", {
        details: { producer, known, hub: nextSeq },
      });
    this.#epoch = epoch;
    this.#settleStored(nextSeq);
    if (own !== undefined) return;
    this.#nextSeq = Math.max(this.#nextSeq ?? 0, nextSeq);
    this.#cameTo = Math.max(this.#cameTo, nextSeq);
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
}

/** Whether the hub says that it took the batch before, and has forgotten its answer. */
export function isPassed({ code, details }: FedbusError): boolean {
  return code === "PUBLISH_UNKNOWN" && typeof details.expected === "number";
}

function asFedbusError(error: unknown): FedbusError {
  return isFedbusError(error)
    ? error
    : new FedbusError("INTERNAL", "publishing failed", { cause: error });
}
