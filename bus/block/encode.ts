import { crc32 } from "node:zlib";
import { Block, crcOfHeader } from "./block.js";
import type { BlockDraft } from "./draft.js";
import { at, flagLogged, headerBytes, magic, topicIdsBytes, version } from "./layout.js";
import { writeUint16s, writeUint32s, writeUint64 } from "./numbers.js";

/** Where a block stands in its log. */
export interface BlockPlace {
  readonly firstOffset: number;
  readonly recordedAt: number;
  readonly epoch: number;
  /** SHA-256 of the block before: 32 bytes. */
  readonly previous: Buffer;
}

const padding = Buffer.alloc(8, " ");

/** The block that the log stores. */
export function encodeLogged(draft: BlockDraft, place: BlockPlace): Block {
  const { topics, producers } = draft;
  const { body, bodyCrc } = draft;
  const writeBody = (target: Buffer): number => {
    body.copy(target);
    return bodyCrc;
  };
  const meta = { topics, producers };
  return encode({ ...draft, meta, flags: flagLogged, place, bodyBytes: body.length, writeBody });
}

/** Ends and payload of `events`, each one's bytes, with their CRC-32. */
export function joinEvents(events: readonly Buffer[]): { body: Buffer; bodyCrc: number } {
  const payloadStart = events.length * 4;
  let bytes = payloadStart + 1 + Math.max(1, events.length);
  for (const event of events) bytes += event.length;
  const body = Buffer.allocUnsafeSlow(bytes);
  body[payloadStart] = 0x5b;
  let position = payloadStart + 1;
  for (const [index, event] of events.entries()) {
    position += event.copy(body, position);
    body.writeUInt32LE(position - payloadStart, index * 4);
    body[position++] = 0x2c;
  }
  body[events.length === 0 ? position : position - 1] = 0x5d;
  return { body, bodyCrc: crc32(body) };
}

interface Parts {
  readonly count: number;
  readonly bodyBytes: number;
  /** Fills the block's body, and tells its CRC-32. */
  readonly writeBody: (body: Buffer) => number;
  readonly topicIds: Uint16Array;
  readonly meta: object;
  readonly flags: number;
  readonly deltas?: Uint32Array;
  readonly place: BlockPlace;
}

/** A block of the log, its body written where it stays: a page of blocks is copied no more than needed. */
export function encode(parts: Parts): Block {
  const { count, bodyBytes, deltas, topicIds, place } = parts;
  const meta = Buffer.from(JSON.stringify(parts.meta));
  const metaBytes = (meta.length + 7) & ~7;
  const bodyStart =
    headerBytes + metaBytes + topicIdsBytes(count) + (deltas === undefined ? 0 : count * 4);
  const bytes = Buffer.allocUnsafeSlow(bodyStart + bodyBytes);
  const body = bytes.subarray(bodyStart);
  writeHeader(bytes, { ...parts, metaBytes, body, bodyCrc: parts.writeBody(body) });
  writeUint64(bytes, at.firstOffset, place.firstOffset);
  writeUint64(bytes, at.recordedAt, place.recordedAt);
  writeUint64(bytes, at.epoch, place.epoch);
  place.previous.copy(bytes, at.previous);
  meta.copy(bytes, headerBytes);
  padding.copy(bytes, headerBytes + meta.length, 0, metaBytes - meta.length);
  const idsStart = headerBytes + metaBytes;
  bytes.fill(0, idsStart, idsStart + topicIdsBytes(count));
  writeUint16s(bytes, idsStart, topicIds);
  if (deltas !== undefined) writeUint32s(bytes, idsStart + topicIdsBytes(count), deltas);
  finishHeader(bytes, bodyStart);
  return Block.decode(bytes);
}

export function writeHeader(
  bytes: Buffer,
  fields: {
    readonly flags: number;
    readonly count: number;
    readonly metaBytes: number;
    readonly body: Buffer;
    readonly bodyCrc: number;
  },
): void {
  bytes.fill(0, 0, headerBytes);
  bytes.writeUInt32LE(magic, at.magic);
  bytes[at.version] = version;
  bytes[at.flags] = fields.flags;
  bytes.writeUInt32LE(fields.count, at.count);
  bytes.writeUInt32LE(fields.metaBytes, at.metaBytes);
  bytes.writeUInt32LE(fields.body.length - fields.count * 4, at.payloadBytes);
  bytes.writeUInt32LE(fields.bodyCrc, at.bodyCrc);
}

export function finishHeader(bytes: Buffer, bodyStart: number): void {
  bytes.writeUInt32LE(crcOfHeader(bytes, bodyStart), at.headerCrc);
}
