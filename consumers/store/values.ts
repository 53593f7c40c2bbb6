import { crc32 } from "node:zlib";
import { FedbusError } from "../../schemas/index.js";
import { describe, problemIn } from "./json-value.js";

/**
 * A stored value: CRC-32 of key and rest (4 bytes, little-endian), then the rest. LevelDB's own
 * checksums are not checked on reading, and a value that is read under the wrong key is noticed too.
 */
export function seal(key: Buffer, rest: string): Buffer {
  const bytes = Buffer.allocUnsafe(4 + Buffer.byteLength(rest));
  bytes.write(rest, 4);
  bytes.writeUInt32LE(crc32(bytes.subarray(4), crc32(key)), 0);
  return bytes;
}

/** Throws STATE_CORRUPT. */
export function unseal(key: Buffer, bytes: Buffer): string {
  const rest = bytes.subarray(4);
  if (bytes.length < 4 || bytes.readUInt32LE(0) !== crc32(rest, crc32(key)))
    throw new FedbusError("STATE_CORRUPT", "a stored value is damaged", {
      details: { key: key.toString("hex") },
    });
  return rest.toString("utf8");
}

/**
 * A table's value as it is stored: JSON, behind `@time:` if it expires. Throws STATE_INVALID for what
 * JSON would make something else of: then a restart, which reads it back, would change outputs.
 */
export function encodeEntry(
  id: string,
  { value, expires }: { readonly value: unknown; readonly expires: number },
): string {
  let json: string | undefined;
  let cause: unknown;
  try {
    json = JSON.stringify(value);
  } catch (error) {
    cause = error;
  }
  const problem = json === undefined ? describe(value) : problemIn(value);
  if (json === undefined || problem !== undefined)
    throw new FedbusError("STATE_INVALID", `a table cannot keep ${problem}`, {
      details: { key: id.slice(id.indexOf("\u0000", 1) + 1) },
      cause,
    });
  return expires === 0 ? json : `@${expires}:${json}`;
}

export function decodeEntry(text: string): { value: unknown; expires: number } {
  if (text.charCodeAt(0) !== 0x40) return { value: JSON.parse(text), expires: 0 };
  const colon = text.indexOf(":");
  return {
    value: JSON.parse(text.slice(colon + 1)),
    expires: Number(text.slice(1, colon)),
  };
}
