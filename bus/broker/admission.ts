import { FedbusError } from "../../schemas/errors.js";
import type { EventGate } from "../../schemas/index.js";
import { Block } from "../block/block.js";
import type { BlockDraft } from "../block/draft.js";
import { joinEvents } from "../block/encode.js";
import type { ProducerRun, RefusedEvent } from "../block/producer-run.js";
import { batchBytesMax, batchEventsMax } from "../wire/limits.js";
import { boundRefusals } from "./refusals.js";

/** A batch as a producer sends it. */
export interface ProducerBatch {
  readonly producer: string;
  readonly epoch: number;
  /** Sequence of its first event. */
  readonly seq: number;
  /** A block of events, not logged. */
  readonly block: Buffer;
}

/** A batch after every check. */
export interface Admission {
  /** Events in the batch, refused ones included. */
  readonly count: number;
  readonly refused: readonly RefusedEvent[];
  /** The accepted events; undefined if there are none. */
  readonly draft: BlockDraft | undefined;
}

/**
 * The batch's block, checked as bytes. Throws BLOCK_INVALID, BLOCK_VERSION or BLOCK_CORRUPT.
 *
 * The limits also keep what is stored of it below a frame's limit: events, 2 MiB; their topics, no
 * more than that; refusals, 1.3 MiB; topic ids, 20 KB.
 */
export function decodeBatch(bytes: Buffer): Block {
  if (bytes.length > batchBytesMax)
    throw new FedbusError("BLOCK_INVALID", `a batch has at most ${batchBytesMax} bytes`);
  const block = Block.decode(bytes);
  if (block.count > batchEventsMax)
    throw new FedbusError("BLOCK_INVALID", `a batch has at most ${batchEventsMax} events`);
  if (block.flags !== 0)
    throw new FedbusError("BLOCK_INVALID", "not a batch: a publisher's block carries no flags");
  block.checkBody();
  return block;
}

/** Checks every event, and keeps what is good. One bad event takes no other with it. */
export function admit(
  gate: EventGate,
  block: Block,
  run: Omit<ProducerRun, "at" | "count" | "refused">,
  options: { readonly allowReserved?: boolean } = {},
): Admission {
  const { count } = block;
  const { topics, topicIds, ...checked } = gate.check(block.payload, block.ends, options);
  const refused = boundRefusals(checked.refused);
  const accepted = topicIds.length;
  if (accepted === 0) return { count, refused, draft: undefined };
  const producer: ProducerRun =
    refused.length === 0 ? { ...run, at: 0, count } : { ...run, at: 0, count, refused };
  const bytes =
    refused.length === 0 ? { body: block.body, bodyCrc: block.bodyCrc } : without(block, refused);
  return {
    count,
    refused,
    draft: { ...bytes, count: accepted, topics, topicIds, producers: [producer] },
  };
}

function without(block: Block, refused: readonly RefusedEvent[]) {
  const out = new Set(refused.map((event) => event.index));
  const kept: Buffer[] = [];
  for (let index = 0; index < block.count; index++)
    if (!out.has(index)) kept.push(block.bytesOf(index));
  return joinEvents(kept);
}
