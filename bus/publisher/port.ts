import type { ProducerBatch } from "../broker/admission.js";
import type { OpenedProducer, OpenProducer } from "../broker/producers.js";
import type { BatchAnswer } from "../log/event-log.js";

/** Where a publisher's batches go: a broker in this process, or a hub. */
export interface PublishPort {
  openProducer(request: OpenProducer): Promise<OpenedProducer>;
  /** Calls in sequence order, several at a time. Rejecting does not mean that nothing was stored. */
  publish(batch: ProducerBatch): Promise<BatchAnswer>;
}
