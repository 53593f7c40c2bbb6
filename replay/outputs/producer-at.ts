import type { Block } from "../../bus/index.js";

/**
 * Who published an event of a log block, as the hub noted it; undefined if the block does not say. A
 * batch's accepted events stand side by side, counted in the block as it was before retention.
 */
export function producerAt(block: Block, offset: number): string | undefined {
  const index = offset - block.firstOffset;
  return block.producers.find(({ at, count, refused = [] }) => {
    return at <= index && index < at + count - refused.length;
  })?.id;
}
