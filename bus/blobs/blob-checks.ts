import { createHash } from "node:crypto";
import { FedbusError } from "../../schemas/errors.js";
import { blobBytesMax } from "./blob-store.js";

/** Whether the text can be a blob's name; others never become a part of a path. */
export function isBlobName(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The bytes, if they are what the name says. Throws BLOB_CORRUPT. */
export function checkedBlob(sha256: string, bytes: Buffer): Buffer {
  const found = sha256Of(bytes);
  if (found !== sha256) throw blobCorrupt(sha256, { found, bytes: bytes.length });
  return bytes;
}

/** Throws BLOB_TOO_LARGE. */
export function checkBlobSize(bytes: number, bytesMax: number = blobBytesMax): void {
  if (bytes <= bytesMax) return;
  throw new FedbusError("BLOB_TOO_LARGE", `a blob has at most ${bytesMax} bytes, not ${bytes}`, {
    details: { bytes, bytesMax },
  });
}

export function blobNotFound(sha256: string): FedbusError {
  return new FedbusError("BLOB_NOT_FOUND", `there is no blob ${sha256.slice(0, 64)}`, {
    details: { sha256: sha256.slice(0, 64) },
  });
}

export function blobCorrupt(sha256: string, details: object = {}): FedbusError {
  return new FedbusError("BLOB_CORRUPT", `the bytes of blob ${sha256} are not what they were`, {
    details: { sha256, ...details },
  });
}
