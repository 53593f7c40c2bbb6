import { crc32 } from "node:zlib";
import { EventBuffer } from "../../schemas/index.js";
import { finishHeader, writeHeader } from "./encode.js";
import { headerBytes } from "./layout.js";

/**
 * The batch that a publisher sends: the events of `events`, at least one. `allocate` gives memory for so many
 * bytes, whatever is in it. Default: fresh memory.
 */
export function encodeBatch(
  events: EventBuffer,
  allocate: (bytes: number) => Buffer = Buffer.allocUnsafeSlow,
): Buffer {
  const { ends } = events;
  const count = ends.length;
  const payloadStart = headerBytes + count * 4;
  const bytes = allocate(payloadStart + events.size + 1);
  let at = headerBytes;
  for (const end of ends) at = bytes.writeUInt32LE(end, at);
  events.copyTo(bytes, payloadStart);
  const body = bytes.subarray(headerBytes);
  writeHeader(bytes, { flags: 0, count, metaBytes: 0, body, bodyCrc: crc32(body) });
  finishHeader(bytes, headerBytes);
  return bytes;
}

/** A batch of whole envelopes, kept byte for byte. */
export function encodeEnvelopes(envelopes: readonly (string | Uint8Array)[]): Buffer {
  const events = new EventBuffer();
  for (const envelope of envelopes) events.event(envelope);
  return encodeBatch(events);
}
