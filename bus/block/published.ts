import type { Block } from "./block.js";

/** Who published an event, and as which of all that it has. */
export interface Published {
  /** The producer's id. */
  readonly by: string;
  /** The event's sequence. */
  readonly seq: number;
}

/**
 * Who published an event of a log block, as the hub noted it; undefined if the block does not say. A
 * batch's accepted events stand side by side, counted in the block as it was stored first.
 */
export function publishedAt(block: Block, offset: number): Published | undefined {
  const index = offset - block.firstOffset;
  const run = block.producers.find(({ at, count, refused = [] }) => {
    return at <= index && index < at + count - refused.length;
  });
  if (run === undefined) return undefined;
  let place = index - run.at;
  // Refused events have sequences too, and no offsets.
  for (const refused of (run.refused ?? []).map((one) => one.index).sort((a, b) => a - b))
    if (refused <= place) place++;
  return { by: run.id, seq: run.seq + place };
}
