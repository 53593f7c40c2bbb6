import { isFedbusError } from "../../schemas/errors.js";
import type { BlobSource } from "./blob-store.js";
import { FolderBlobs } from "./folder-blobs.js";
import type { BlobsReport } from "./verify-blobs.js";

/**
 * Copies all blobs into a folder, but for those that are whole there. What is damaged at the source
 * is left out, and named: one bad blob must not keep everything else from its backup.
 */
export async function copyBlobs(
  source: BlobSource,
  dir: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<BlobsReport> {
  const target = await FolderBlobs.open(dir);
  const damaged: string[] = [];
  let count = 0;
  let bytes = 0;
  try {
    for (const { sha256 } of await source.list()) {
      options.signal?.throwIfAborted();
      if (await target.isWhole(sha256)) continue;
      try {
        const blob = await source.get(sha256);
        await target.put(blob);
        count++;
        bytes += blob.length;
      } catch (error) {
        if (!isFedbusError(error, "BLOB_CORRUPT")) throw error;
        damaged.push(sha256);
      }
    }
  } finally {
    await target.close();
  }
  return { count, bytes, damaged };
}
