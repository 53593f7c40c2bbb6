import type { BlockDraft } from "../block/draft.js";
import type { RefusedEvent } from "../block/producer-run.js";

/** Refusals of one batch are told and stored in full up to this many bytes. */
const refusalsBytesMax = 256 * 1024;

/**
 * Refusals as they are stored and answered: those past the bound say no more than their code. With
 * as many as a batch may have, that is 1.3 MiB at most.
 */
export function boundRefusals(refused: readonly RefusedEvent[]): readonly RefusedEvent[] {
  let bytes = 0;
  return refused.map((event) => {
    if (bytes <= refusalsBytesMax) bytes += Buffer.byteLength(JSON.stringify(event));
    if (bytes <= refusalsBytesMax) return event;
    return { index: event.index, code: event.code, message: "refused like many before it" };
  });
}

/** The bytes that a draft's refusals take in its block. */
export function refusalBytesOf(draft: BlockDraft): number {
  let bytes = 0;
  for (const { refused } of draft.producers)
    if (refused !== undefined) bytes += Buffer.byteLength(JSON.stringify(refused));
  return bytes;
}
