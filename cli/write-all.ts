import type { BusEvent } from "../bus/index.js";
import type { Output } from "./output.js";

/** Characters gathered before they are written at once. */
const chunkLength = 32_768;

/** Writes every event; waits whenever the reader is slower. Resolves with how many there were. */
export async function writeAll(
  out: Output,
  events: AsyncIterable<BusEvent>,
  format: (event: BusEvent) => string,
): Promise<number> {
  let count = 0;
  let chunk = "";
  for await (const event of events) {
    chunk += format(event);
    count++;
    if (chunk.length < chunkLength) continue;
    await out.write(chunk);
    chunk = "";
  }
  await out.write(chunk);
  return count;
}
