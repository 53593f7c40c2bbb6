import { isFedbusError } from "../../schemas/index.js";
import type { Block } from "../block/block.js";
import type { EventSource } from "../log/event-source.js";

/** Every block that has events of `topics`, up to the head: what was removed or damaged is passed over. */
export async function* schemaBlocks(
  source: EventSource,
  patterns: readonly string[],
): AsyncGenerator<Block> {
  let { first: from, head: to } = await source.info();
  while (from < to)
    try {
      const page = await source.read({ from, to, patterns });
      yield* page.blocks;
      from = page.next;
      if (page.done) to = from;
    } catch (error) {
      from = behind(error);
    }
}

/** Where reading goes on: what was removed or damaged is not there, for the start as for a reader. */
function behind(error: unknown): number {
  if (isFedbusError(error, "LOG_TRUNCATED")) return error.details.first as number;
  if (isFedbusError(error, "LOG_CORRUPT")) return error.details.to as number;
  throw error;
}
