import { isFedbusError } from "../../schemas/errors.js";
import type { BlobSource } from "./blob-store.js";

export interface BlobsReport {
  readonly count: number;
  /** Bytes of those that are whole. */
  readonly bytes: number;
  /** SHA-256 of those whose bytes are not what their name says. */
  readonly damaged: readonly string[];
}

/** Reads all blobs and checks each against its name. Rejects with the reason of `signal`. */
export async function verifyBlobs(
  blobs: BlobSource,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<BlobsReport> {
  const damaged: string[] = [];
  const list = await blobs.list();
  let bytes = 0;
  for (const { sha256 } of list) {
    options.signal?.throwIfAborted();
    try {
      bytes += (await blobs.get(sha256)).length;
    } catch (error) {
      if (!isFedbusError(error, "BLOB_CORRUPT")) throw error;
      damaged.push(sha256);
    }
  }
  return { count: list.length, bytes, damaged };
}
