import type { Block } from "../../block/block.js";
import type { PageRequest } from "../page-request.js";
import type { BlockStore } from "./block-store.js";

/** One step of a walk: a block, or none where none matches, and where to go on after it. */
export interface ReadStep {
  readonly block?: Block;
  readonly next: number;
}

/** Walks all blocks of the range, newest first. */
export async function* stepsDown(
  { from, to }: PageRequest,
  blocks: BlockStore,
): AsyncGenerator<ReadStep, void, undefined> {
  for await (const block of blocks.descending(from, to))
    yield { block, next: Math.max(block.firstOffset, from) };
}
