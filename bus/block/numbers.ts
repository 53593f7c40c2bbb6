import { endianness } from "node:os";

const bigEndianHost = endianness() === "BE";

/** `count` little-endian u32 from `bytes` at `start`: a view where alignment allows, else a copy. */
export function uint32sAt(bytes: Buffer, start: number, count: number): Uint32Array {
  const from = bytes.byteOffset + start;
  if (!bigEndianHost && from % 4 === 0) return new Uint32Array(bytes.buffer, from, count);
  const copy = Buffer.from(bytes.buffer.slice(from, from + count * 4));
  if (bigEndianHost) copy.swap32();
  return new Uint32Array(copy.buffer, copy.byteOffset, count);
}

/** `count` little-endian u16 from `bytes` at `start`: a view where alignment allows, else a copy. */
export function uint16sAt(bytes: Buffer, start: number, count: number): Uint16Array {
  const from = bytes.byteOffset + start;
  if (!bigEndianHost && from % 2 === 0) return new Uint16Array(bytes.buffer, from, count);
  const copy = Buffer.from(bytes.buffer.slice(from, from + count * 2));
  if (bigEndianHost) copy.swap16();
  return new Uint16Array(copy.buffer, copy.byteOffset, count);
}

/** Writes `values` as little-endian u32 at `start`. */
export function writeUint32s(bytes: Buffer, start: number, values: Uint32Array): void {
  const target = bytes.subarray(start, start + values.byteLength);
  target.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  if (bigEndianHost) target.swap32();
}

/** Writes `values` as little-endian u16 at `start`. */
export function writeUint16s(bytes: Buffer, start: number, values: Uint16Array): void {
  const target = bytes.subarray(start, start + values.byteLength);
  target.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  if (bigEndianHost) target.swap16();
}

/** The u64 at `start` as a number; NaN where it is past what a number holds exactly. */
export function uint64At(bytes: Buffer, start: number): number {
  const value = bytes.readUInt32LE(start + 4) * 0x1_0000_0000 + bytes.readUInt32LE(start);
  return Number.isSafeInteger(value) ? value : Number.NaN;
}

export function writeUint64(bytes: Buffer, start: number, value: number): void {
  bytes.writeUInt32LE(value >>> 0, start);
  bytes.writeUInt32LE(Math.floor(value / 0x1_0000_0000), start + 4);
}
