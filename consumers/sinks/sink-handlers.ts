import type { BusEvent, Logger } from "../../bus/index.js";
import { Backoff } from "../../bus/kernel/backoff.js";
import { isFedbusError } from "../../schemas/index.js";
import type { Handlers } from "../plugin/consumer.js";
import type { Context } from "../plugin/context.js";
import type { Delivery, Destination } from "./destination.js";

/** How much a sink gathers, and how long it waits. */
export interface SinkLimits {
  /** Events in a delivery. Default: 1,000. */
  readonly batchEventsMax: number;
  /** Bytes of events after which a delivery is made. Default: 4 MiB. */
  readonly batchBytesMax: number;
  /** How long a destination that is away is tried again before its events count as failed, ms. Default: 600,000. */
  readonly patienceMs: number;
  /** Longest wait between two such tries, ms. Default: 30,000. */
  readonly retryMsMax: number;
  /** How long a delivery may go on once the consumer is to stop, ms. Default: 10,000. */
  readonly drainMs: number;
}

const firstWaitMs = 100;

/** One life of a sink: gathers events, and delivers them at the latest before each commit. */
export class SinkHandlers implements Handlers<never> {
  readonly #consumer: string;
  readonly #destination: Destination;
  readonly #limits: SinkLimits;
  readonly #owned: boolean;
  #batch: Delivery[] = [];
  #bytes = 0;

  /** `owned`: the destination ends with this. */
  constructor(consumer: string, destination: Destination, limits: SinkLimits, owned: boolean) {
    this.#consumer = consumer;
    this.#destination = destination;
    this.#limits = limits;
    this.#owned = owned;
  }

  handle(event: BusEvent, context: Context<never>): Promise<void> | undefined {
    // What left the bus has left it: a replay must not send it again.
    if (context.replay) return undefined;
    this.#batch.push(deliveryOf(event, this.#consumer));
    this.#bytes += event.bytes.length;
    const { batchEventsMax, batchBytesMax } = this.#limits;
    const full = this.#batch.length >= batchEventsMax || this.#bytes >= batchBytesMax;
    return full ? this.#deliver(context) : undefined;
  }

  async flush(context: Context<never>): Promise<void> {
    if (this.#batch.length > 0) await this.#deliver(context);
  }

  async close(): Promise<void> {
    if (this.#owned) await this.#destination.close();
  }

  async #deliver({ signal, logger }: Context<never>): Promise<void> {
    const late = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const drain = (): void => {
      timer = setTimeout(() => late.abort(signal.reason), this.#limits.drainMs);
    };
    signal.addEventListener("abort", drain, { once: true });
    if (signal.aborted) drain();
    try {
      await this.#deliverPatiently(late.signal, signal, logger);
      this.#batch = [];
      this.#bytes = 0;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", drain);
    }
  }

  /** A destination that is away would fail for the next event too: waiting is better than dead letters. */
  async #deliverPatiently(late: AbortSignal, stop: AbortSignal, logger: Logger): Promise<void> {
    const { patienceMs, retryMsMax } = this.#limits;
    const backoff = new Backoff(firstWaitMs, retryMsMax);
    const until = performance.now() + patienceMs;
    for (;;)
      try {
        return await this.#destination.deliver(this.#batch, late);
      } catch (error) {
        const mayPass = isFedbusError(error) && error.retryable;
        if (!mayPass || stop.aborted || performance.now() >= until) throw error;
        logger.warn({ error: error.toJSON(), events: this.#batch.length }, "delivery failed");
        await backoff.wait(stop);
      }
  }
}

function deliveryOf(event: BusEvent, consumer: string): Delivery {
  const { offset, topic, recordedAt, timestamp, msg, envelope } = event;
  return {
    offset,
    topic,
    recordedAt,
    timestamp,
    id: `${consumer}:${offset}`,
    body: msg,
    ...(envelope.headers && { headers: envelope.headers }),
  };
}
