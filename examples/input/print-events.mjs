import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Prints events, one JSON text a line, for `fedbus publish --envelopes`. */
export async function printEvents(events) {
  const lines = Readable.from(events).map((event) => `${JSON.stringify(event)}\n`);
  await pipeline(lines, process.stdout);
}
