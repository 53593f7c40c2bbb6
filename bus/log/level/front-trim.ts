import { FrontCut, type TrimLimits } from "../front-cut.js";
import type { BlockEntry } from "./block-table.js";
import type { LogCore } from "./log-core.js";
import type { LogIndex } from "./log-index.js";

/** The blocks at the log's front that limits do not keep. */
export interface Front {
  /** The last of them; undefined if all blocks stay. */
  readonly last: BlockEntry | undefined;
  /** Events in them. */
  readonly removed: number;
}

/** How much of the log's front may go. */
export async function findFront(
  core: LogCore,
  index: LogIndex,
  limits: TrimLimits,
): Promise<Front> {
  const { events: count, bytes } = index.meta;
  const cut = new FrontCut(limits, { count, bytes });
  let last: BlockEntry | undefined;
  let removed = 0;
  for await (const entry of index.blocks.joined(core.first)) {
    if (entry.nextOffset > core.head || !cut.take(entry)) break;
    last = entry;
    removed += entry.count;
  }
  return { last, removed };
}
