import { type BusEvent, type EventSource, eventsOf } from "../../bus/index.js";
import { isFedbusError } from "../../schemas/index.js";

/** The event at an offset; undefined if retention has removed it. Rejects with OFFSET_INVALID past the head. */
export async function eventAt(source: EventSource, offset: number): Promise<BusEvent | undefined> {
  try {
    const { blocks } = await source.read({ from: offset, to: offset + 1, bytesMax: 1 });
    return blocks.flatMap(eventsOf).find((one) => one.offset === offset);
  } catch (error) {
    if (isFedbusError(error, "LOG_TRUNCATED")) return undefined;
    throw error;
  }
}
