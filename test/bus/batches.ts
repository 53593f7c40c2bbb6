import { Block } from "../../bus/block/block.js";
import type { BlockDraft } from "../../bus/block/draft.js";
import { encodeEnvelopes } from "../../bus/block/encode-batch.js";
import { admit } from "../../bus/broker/admission.js";
import type { NumberedBatch } from "../../bus/bus.js";
import { EventGate, SchemaRegistry } from "../../schemas/index.js";

/** An envelope with no more than it must have. */
export function envelope(topic: string, msg: unknown): string {
  return JSON.stringify({ topic, msg });
}

/** A batch of `count` events on one topic, as a publisher sends it. */
export function batchOf(count: number, topic = "shop.order.created"): Buffer {
  return encodeEnvelopes(Array.from({ length: count }, (_, n) => envelope(topic, { n })));
}

/** A batch for a sink: its events are `{n}` with n their sequence, on the topics that `topicOf` says. */
export function numbered(
  seq: number,
  count: number,
  topicOf: (n: number) => string = () => "a.b",
): NumberedBatch {
  const numbers = Array.from({ length: count }, (_, index) => seq + index);
  return { seq, count, block: encodeEnvelopes(numbers.map((n) => envelope(topicOf(n), { n }))) };
}

/** A batch as a publisher sends it, checked. */
export function draftOf(
  count: number,
  run: { id: string; epoch: number; seq: number },
): BlockDraft {
  const gate = new EventGate({ registry: new SchemaRegistry() });
  return admit(gate, Block.decode(batchOf(count)), run).draft!;
}
