import { crc32 } from "node:zlib";
import { Block, crcOfHeader } from "./block.js";
import type { BlockDraft } from "./draft.js";
import {
  at,
  flagLogged,
  flagSparse,
  flagTrimmed,
  headerBytes,
  magic,
  topicIdsBytes,
  version,
} from "./layout.js";
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
  return encode({ ...draft, meta: { topics, producers }, flags: flagLogged, place });
}

/** The block with only the events at `indices` (ascending, at least one): what a reader gets. */
export function selectEvents(block: Block, indices: readonly number[]): Block {
  return indices.length === block.count ? block : reduce(block, indices, flagSparse, {});
}

/** The block that takes this one's place in the log when retention keeps only `indices`, or none. */
export function trimEvents(block: Block, indices: readonly number[]): Block {
  return reduce(block, indices, flagSparse | flagTrimmed, {
    producers: block.producers,
    original: block.chainHash.toString("hex"),
    covers: block.nextOffset - block.firstOffset,
  });
}

function reduce(block: Block, indices: readonly number[], flags: number, meta: object): Block {
  const { topics, topicIds } = tabulateTopics(block, indices);
  return encode({
    count: indices.length,
    ...joinEvents(indices.map((index) => block.bytesOf(index))),
    topicIds,
    meta: { topics, ...meta },
    flags: flagLogged | flags,
    deltas: Uint32Array.from(indices, (index) => block.offsetOf(index) - block.firstOffset),
    place: block,
  });
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
  readonly body: Buffer;
  readonly bodyCrc: number;
  readonly topicIds: Uint16Array;
  readonly meta: object;
  readonly flags: number;
  readonly deltas?: Uint32Array;
  readonly place: BlockPlace;
}

function encode(parts: Parts): Block {
  const { count, body, deltas, topicIds, place } = parts;
  const meta = Buffer.from(JSON.stringify(parts.meta));
  const metaBytes = (meta.length + 7) & ~7;
  const bodyStart =
    headerBytes + metaBytes + topicIdsBytes(count) + (deltas === undefined ? 0 : count * 4);
  const bytes = Buffer.allocUnsafeSlow(bodyStart + body.length);
  writeHeader(bytes, { ...parts, metaBytes });
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
  body.copy(bytes, bodyStart);
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

function tabulateTopics(
  block: Block,
  indices: readonly number[],
): { topics: string[]; topicIds: Uint16Array } {
  const places = new Map<number, number>();
  const topics: string[] = [];
  const topicIds = Uint16Array.from(indices, (index) => {
    const old = block.topicIds[index]!;
    let place = places.get(old);
    if (place === undefined) {
      place = topics.push(block.topics[old]!) - 1;
      places.set(old, place);
    }
    return place;
  });
  return { topics, topicIds };
}
