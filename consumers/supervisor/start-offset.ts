import type { EventSource, StartAt } from "../../bus/index.js";
import { FedbusError } from "../../schemas/index.js";

/** The offset that a start names. Rejects with OFFSET_INVALID for one that the log has not come to. */
export async function startOffset(source: EventSource, from: StartAt): Promise<number> {
  if (typeof from === "object" && "time" in from) return await source.offsetAtTime(from.time);
  const { first, head } = await source.info();
  if (from === "live") return head;
  if (from === "earliest") return first;
  const { offset } = from;
  if (offset <= head) return Math.max(first, offset);
  throw new FedbusError(
    "OFFSET_INVALID",
    `offset ${offset} is past the head: the next is ${head}`,
    {
      details: { offset, head },
    },
  );
}
