import { setTimeout as sleep } from "node:timers/promises";
import type { Publisher, PublishOutcome } from "../../bus/index.js";
import type { Tally } from "./tally.js";

/** Calls to the publisher that may wait for their answers at once. */
const callsMax = 64;
/** Events of one call: as many as surely fit the half of its queue that a publisher keeps ready. */
const batchEventsMax = 100;

export interface BulkOptions {
  /** Events a second, at most. Default: as fast as the bus takes them. */
  readonly rate?: number;
  readonly signal: AbortSignal;
  readonly onProgress?: () => void;
  /** Told what became of each event, by its line, before `finish` resolves. */
  readonly onOutcome?: (line: number, isAccepted: boolean) => void;
}

/** Publishes any number of events with bounded memory, and keeps the tally of what became of them. */
export class BulkPublish {
  readonly #publisher: Publisher;
  readonly #tally: Tally;
  readonly #options: BulkOptions;
  readonly #calls = new Set<Promise<void>>();
  readonly #startedMs = performance.now();
  #sent = 0;
  #failure: unknown;

  constructor(publisher: Publisher, tally: Tally, options: BulkOptions) {
    this.#publisher = publisher;
    this.#tally = tally;
    this.#options = options;
  }

  /** The largest batch that keeps to the rate without visible bursts. */
  get batchMax(): number {
    const { rate = Number.POSITIVE_INFINITY } = this.#options;
    return Math.max(1, Math.min(batchEventsMax, Math.floor(rate / 20)));
  }

  /**
   * Sends what `publish` publishes; `lines` says which line each event came from. Waits while the
   * publisher is full or the rate is used up. Rejects when a call before failed as a whole.
   */
  async send(
    lines: readonly number[],
    publish: (publisher: Publisher) => Promise<readonly PublishOutcome[]>,
  ): Promise<void> {
    await this.#pace(lines.length);
    await this.#publisher.ready();
    while (this.#calls.size >= callsMax) await Promise.race(this.#calls);
    if (this.#failure !== undefined) throw this.#failure;
    const call = publish(this.#publisher)
      .then((outcomes) => this.#settle(lines, outcomes))
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#calls.delete(call));
    this.#calls.add(call);
  }

  /** Resolves when everything sent is answered. */
  async finish(): Promise<void> {
    await Promise.all(this.#calls);
    if (this.#failure !== undefined) throw this.#failure;
  }

  #settle(lines: readonly number[], outcomes: readonly PublishOutcome[]): void {
    for (const [index, outcome] of outcomes.entries()) {
      const line = lines[index] ?? -1;
      this.#tally.take(outcome, line);
      this.#options.onOutcome?.(line, !("error" in outcome));
    }
    this.#options.onProgress?.();
  }

  async #pace(count: number): Promise<void> {
    const { rate, signal } = this.#options;
    signal.throwIfAborted();
    if (rate === undefined) return;
    const dueMs = this.#startedMs + (this.#sent / rate) * 1000;
    const waitMs = dueMs - performance.now();
    this.#sent += count;
    if (waitMs > 0) await sleep(waitMs, undefined, { signal });
  }
}
