import { crc32 } from "node:zlib";
import { finishHeader, joinEvents, writeHeader } from "./encode.js";
import { headerBytes } from "./layout.js";

/** A publisher's batch from events as JSON texts. */
export function encodeTexts(texts: readonly string[]): Buffer {
  const count = texts.length;
  const joined = `[${texts.join(",")}]`;
  const payloadStart = headerBytes + count * 4;
  const payloadBytes = Buffer.byteLength(joined);
  const bytes = Buffer.allocUnsafeSlow(payloadStart + payloadBytes);
  const ascii = payloadBytes === joined.length;
  bytes.write(joined, payloadStart, ascii ? "latin1" : "utf8");
  let end = 0;
  let at = headerBytes;
  for (const text of texts) {
    end += 1 + (ascii ? text.length : Buffer.byteLength(text));
    bytes.writeUInt32LE(end, at);
    at += 4;
  }
  return finishBatch(bytes, count);
}

/** A publisher's batch from events as bytes, which are kept exactly. */
export function encodeEvents(events: readonly Buffer[]): Buffer {
  const { body } = joinEvents(events);
  const bytes = Buffer.allocUnsafeSlow(headerBytes + body.length);
  body.copy(bytes, headerBytes);
  return finishBatch(bytes, events.length);
}

function finishBatch(bytes: Buffer, count: number): Buffer {
  const body = bytes.subarray(headerBytes);
  writeHeader(bytes, { flags: 0, count, metaBytes: 0, body, bodyCrc: crc32(body) });
  finishHeader(bytes, headerBytes);
  return bytes;
}
