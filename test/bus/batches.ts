import { Block } from "../../bus/block/block.js";
import type { BlockDraft } from "../../bus/block/draft.js";
import { encodeEnvelopes } from "../../bus/block/encode-batch.js";
import { admit } from "../../bus/broker/admission.js";
import { EventGate, SchemaRegistry } from "../../schemas/index.js";

/** An envelope with no more than it must have. */
export function envelope(topic: string, msg: unknown): string {
  return JSON.stringify({ topic, msg });
}

/** A batch of `count` events on one topic, as a publisher sends it. */
export function batchOf(count: number, topic = "shop.order.created"): Buffer {
  return encodeEnvelopes(Array.from({ length: count }, (_, n) => envelope(topic, { n })));
}

/** The same, checked. */
export function draftOf(
  count: number,
  run: { id: string; epoch: number; seq: number },
): BlockDraft {
  const gate = new EventGate({ registry: new SchemaRegistry() });
  return admit(gate, Block.decode(batchOf(count)), run).draft!;
}
