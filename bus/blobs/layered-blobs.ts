import { isFedbusError } from "../../schemas/errors.js";
import type { BlobSource, BlobStore, Blobs } from "./blob-store.js";

/** Blobs that are kept in one place and looked for there first, then in another that stays as it is. */
export class LayeredBlobs implements Blobs {
  readonly #upper: BlobStore;
  readonly #lower: BlobSource;

  constructor(upper: BlobStore, lower: BlobSource) {
    this.#upper = upper;
    this.#lower = lower;
  }

  put(bytes: Uint8Array): Promise<string> {
    return this.#upper.put(bytes);
  }

  async get(sha256: string): Promise<Buffer> {
    try {
      return await this.#upper.get(sha256);
    } catch (error) {
      if (!isFedbusError(error, "BLOB_NOT_FOUND")) throw error;
      return await this.#lower.get(sha256);
    }
  }

  async has(sha256: string): Promise<boolean> {
    return (await this.#upper.has(sha256)) || (await this.#lower.has(sha256));
  }
}
