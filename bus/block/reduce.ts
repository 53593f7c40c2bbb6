import { crc32 } from "node:zlib";
import type { Block } from "./block.js";
import { encode } from "./encode.js";
import { flagLogged, flagSparse, flagTrimmed } from "./layout.js";
import type { ProducerRun } from "./producer-run.js";

/** The block with only the events at `indices` (ascending, at least one): what a reader gets. */
export function selectEvents(block: Block, indices: readonly number[]): Block {
  if (indices.length === block.count) return block;
  const producers = producersOf(block, indices);
  return reduce(block, indices, flagSparse, producers.length === 0 ? {} : { producers });
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
    bodyBytes: bodyBytesOf(block, indices),
    writeBody: (body) => {
      copyEvents(block, indices, body);
      return crc32(body);
    },
    topicIds,
    meta: { topics, ...meta },
    flags: flagLogged | flags,
    deltas: deltasOf(block, indices),
    place: block,
  });
}

/** The producers' batches that the events at `indices` are of: who published an event goes with it. */
function producersOf(block: Block, indices: readonly number[]): readonly ProducerRun[] {
  let place = 0;
  return block.producers.filter(({ at, count, refused = [] }) => {
    const deltaAt = (index: number): number => block.offsetOf(index) - block.firstOffset;
    while (place < indices.length && deltaAt(indices[place]!) < at) place++;
    return place < indices.length && deltaAt(indices[place]!) < at + count - refused.length;
  });
}

/** Bytes of ends and payload of the events at `indices`. */
function bodyBytesOf(block: Block, indices: readonly number[]): number {
  let bytes = indices.length * 4 + 1 + Math.max(1, indices.length);
  for (const index of indices) bytes += block.ends[index]! - block.startOf(index);
  return bytes;
}

/** Writes ends and payload of the events at `indices` into `body`, neighbours in one go. */
function copyEvents(block: Block, indices: readonly number[], body: Buffer): void {
  const payload = body.subarray(indices.length * 4);
  payload[0] = 0x5b;
  let position = 1;
  for (let place = 0; place < indices.length; ) {
    const first = indices[place]!;
    const start = block.startOf(first);
    const shift = position - start;
    let index = first;
    for (; indices[place] === index; index++, place++)
      body.writeUInt32LE(block.ends[index]! + shift, place * 4);
    position += block.payload.copy(payload, position, start, block.ends[index - 1]!);
    payload[position++] = 0x2c;
  }
  payload[payload.length - 1] = 0x5d;
}

function tabulateTopics(
  block: Block,
  indices: readonly number[],
): { topics: string[]; topicIds: Uint16Array } {
  const places = new Map<number, number>();
  const topics: string[] = [];
  const topicIds = new Uint16Array(indices.length);
  for (let at = 0; at < indices.length; at++) {
    const old = block.topicIds[indices[at]!]!;
    let place = places.get(old);
    if (place === undefined) {
      place = topics.push(block.topics[old]!) - 1;
      places.set(old, place);
    }
    topicIds[at] = place;
  }
  return { topics, topicIds };
}

function deltasOf(block: Block, indices: readonly number[]): Uint32Array {
  const deltas = new Uint32Array(indices.length);
  for (let at = 0; at < indices.length; at++)
    deltas[at] = block.offsetOf(indices[at]!) - block.firstOffset;
  return deltas;
}
