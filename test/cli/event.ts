import type { Block } from "../../bus/index.js";
import { BusEvent } from "../../bus/index.js";
import type { Envelope } from "../../schemas/index.js";

/** An event as it would come out of a log, without one. */
export function eventOf(
  envelope: Partial<Envelope> & { readonly topic: string; readonly msg: unknown },
  at: { readonly offset?: number; readonly recordedAt?: number } = {},
): BusEvent {
  const bytes = Buffer.from(JSON.stringify(envelope));
  const { offset = 7, recordedAt = 1_700_000_000_000 } = at;
  const block: Partial<Block> = {
    recordedAt,
    epoch: 1,
    offsetOf: () => offset,
    bytesOf: () => bytes,
  };
  return new BusEvent(block as Block, 0, envelope);
}
