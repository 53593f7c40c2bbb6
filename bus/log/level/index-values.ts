import { crc32 } from "node:zlib";
import { FedbusError } from "../../../schemas/errors.js";
import { uint64At, writeUint64 } from "../../block/numbers.js";
import { isCorruption } from "../../storage/database.js";

/**
 * Values of the index end with a CRC-32 of key and value, because LevelDB does not check what it
 * reads. A value that does not match means a damaged index, which is thrown away and rebuilt.
 */
export class IndexDamaged extends Error {
  override readonly name = "IndexDamaged";
}

/** Whether `error` says that the index is damaged: by our own checks, or by LevelDB's. */
export function isIndexDamage(error: unknown): boolean {
  return error instanceof IndexDamaged || (!(error instanceof FedbusError) && isCorruption(error));
}

export function seal(key: Buffer, payload: Buffer): Buffer {
  const value = Buffer.allocUnsafe(payload.length + 4);
  payload.copy(value);
  value.writeUInt32LE(crc32(payload, crc32(key)), payload.length);
  return value;
}

export function unseal(key: Buffer, value: Buffer): Buffer {
  const end = value.length - 4;
  if (end < 0 || crc32(value.subarray(0, end), crc32(key)) !== value.readUInt32LE(end))
    throw new IndexDamaged("a value does not match its checksum");
  return value.subarray(0, end);
}

export function sealJson(key: Buffer, value: unknown): Buffer {
  return seal(key, Buffer.from(JSON.stringify(value)));
}

export function unsealJson(key: Buffer, value: Buffer): unknown {
  return JSON.parse(unseal(key, value).toString("utf8"));
}

/** Numbers as consecutive little-endian u64. */
export function sealNumbers(key: Buffer, numbers: readonly number[]): Buffer {
  const payload = Buffer.allocUnsafe(numbers.length * 8);
  for (const [index, value] of numbers.entries()) writeUint64(payload, index * 8, value);
  return seal(key, payload);
}

export function unsealNumbers(key: Buffer, value: Buffer): number[] {
  const payload = unseal(key, value);
  return Array.from({ length: payload.length / 8 }, (_, index) => uint64At(payload, index * 8));
}
