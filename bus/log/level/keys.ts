/**
 * Keys of the two databases. Offsets and sequences are u64 big-endian, so that keys sort as the
 * numbers do; topics and producer ids are UTF-8, ended by a zero byte, which they never hold.
 *
 * ```
 * blocks/   offset              → block
 * index/    "m"                 → how far the index goes, and totals
 *           "b" offset          → what of the block is asked for without reading it
 *           "T" topic           → the topic's totals
 *           "t" topic 0 offset  → the topic's events in the block that starts there
 *           "p" id              → the producer's epoch and next sequence
 *           "a" id 0 seq        → the answer to the producer's batch that started there
 * ```
 */
const u64Bytes = 8;

export function offsetKey(offset: number): Buffer {
  return writeTail(Buffer.allocUnsafe(u64Bytes), offset);
}

export function offsetOfKey(key: Buffer): number {
  const at = key.length - u64Bytes;
  return key.readUInt32BE(at) * 0x1_0000_0000 + key.readUInt32BE(at + 4);
}

export const metaKey = Buffer.from("m");

export function blockKey(firstOffset: number): Buffer {
  const key = Buffer.allocUnsafe(1 + u64Bytes);
  key[0] = 0x62;
  return writeTail(key, firstOffset);
}

export function topicKey(topic: string): Buffer {
  return Buffer.from(`T${topic}`);
}

export function topicOfKey(key: Buffer): string {
  return key.toString("utf8", 1);
}

export function topicBlockKey(topic: string, firstOffset: number): Buffer {
  return numbered(`t${topic}\0`, firstOffset);
}

export function producerKey(id: string): Buffer {
  return Buffer.from(`p${id}`);
}

export function producerOfKey(key: Buffer): string {
  return key.toString("utf8", 1);
}

export function answerKey(id: string, seq: number): Buffer {
  return numbered(`a${id}\0`, seq);
}

function numbered(prefix: string, value: number): Buffer {
  const key = Buffer.allocUnsafe(Buffer.byteLength(prefix) + u64Bytes);
  key.write(prefix);
  return writeTail(key, value);
}

function writeTail(key: Buffer, value: number): Buffer {
  key.writeUInt32BE(Math.floor(value / 0x1_0000_0000), key.length - u64Bytes);
  key.writeUInt32BE(value >>> 0, key.length - 4);
  return key;
}
