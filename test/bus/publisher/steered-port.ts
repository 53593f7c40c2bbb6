import { Block } from "../../../bus/block/block.js";
import type { ProducerBatch } from "../../../bus/broker/admission.js";
import type { Broker } from "../../../bus/broker/broker.js";
import type { OpenedProducer, OpenProducer } from "../../../bus/broker/producers.js";
import type { BatchAnswer } from "../../../bus/log/event-log.js";
import type { PublishPort } from "../../../bus/publisher/port.js";

/** The way to a broker, which a test can watch, hold up and break. */
export class SteeredPort implements PublishPort {
  /** Events of each batch that came by, in order. */
  readonly batches: number[] = [];
  /** Batches that came by and are not answered yet, and the most that ever were. */
  inFlight = 0;
  inFlightMost = 0;
  opens = 0;
  /** Called before and after each batch reaches the broker; a throw is what the publisher sees. */
  before: (batch: ProducerBatch) => Promise<void> | void = () => {};
  after: (batch: ProducerBatch) => Promise<void> | void = () => {};
  /** Called before the producer is opened. */
  opening: () => Promise<void> | void = () => {};
  readonly #broker: Broker;

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  async openProducer(request: OpenProducer): Promise<OpenedProducer> {
    this.opens++;
    await this.opening();
    return await this.#broker.openProducer(request);
  }

  async publish(batch: ProducerBatch): Promise<BatchAnswer> {
    this.batches.push(Block.decode(batch.block).count);
    this.inFlightMost = Math.max(this.inFlightMost, ++this.inFlight);
    try {
      await this.before(batch);
      const answer = await this.#broker.publish(batch);
      await this.after(batch);
      return answer;
    } finally {
      this.inFlight--;
    }
  }
}

/** A promise that is resolved from outside. */
export function latch(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** Never resolves: a peer that says nothing. */
export const silence = (): Promise<void> => new Promise(() => {});
