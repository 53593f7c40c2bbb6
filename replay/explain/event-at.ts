import { type BusEvent, type EventSource, eventsOf } from "../../bus/index.js";
import { isFedbusError } from "../../schemas/index.js";
import { type Published, publishedAt } from "../outputs/producer-at.js";

/** An event, and who published it, if the log says. */
export interface NotedEvent {
  readonly event: BusEvent;
  readonly published?: Published;
}

/** The event at an offset; undefined if retention has removed it. Rejects with OFFSET_INVALID past the head. */
export async function eventAt(source: EventSource, offset: number): Promise<BusEvent | undefined> {
  return (await notedAt(source, offset))?.event;
}

/** The same, with who published it. */
export async function notedAt(
  source: EventSource,
  offset: number,
): Promise<NotedEvent | undefined> {
  try {
    const { blocks } = await source.read({ from: offset, to: offset + 1, bytesMax: 1 });
    for (const block of blocks) {
      const event = eventsOf(block).find((one) => one.offset === offset);
      if (event === undefined) continue;
      const published = publishedAt(block, offset);
      return { event, ...(published !== undefined && { published }) };
    }
    return undefined;
  } catch (error) {
    if (isFedbusError(error, "LOG_TRUNCATED")) return undefined;
    throw error;
  }
}
