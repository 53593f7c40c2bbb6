import { createHash } from "node:crypto";
import { blobCorrupt, blobNotFound, checkBlobSize, checkedBlob, sha256Of } from "./blob-checks.js";
import type { BlobDraft, BlobInfo, BlobPart, BlobStorage } from "./blob-store.js";
import { blobBytesMax } from "./blob-store.js";

/** Blobs in memory: for a log in memory, and for tests. The oldest go when all together are larger than 256 MiB. */
export class MemoryBlobs implements BlobStorage {
  readonly #bytesMax: number;
  /** In the order they came. */
  readonly #blobs = new Map<string, Buffer>();
  #bytes = 0;

  constructor(options: { readonly bytesMax?: number } = {}) {
    this.#bytesMax = options.bytesMax ?? blobBytesMax;
  }

  async put(bytes: Uint8Array): Promise<string> {
    checkBlobSize(bytes.length, this.#bytesMax);
    const sha256 = sha256Of(bytes);
    // Whoever gave the bytes may go on to change them.
    if (!this.#blobs.has(sha256)) this.#keep(sha256, Buffer.from(bytes));
    return sha256;
  }

  async get(sha256: string): Promise<Buffer> {
    return Buffer.from(checkedBlob(sha256, this.#find(sha256)));
  }

  async has(sha256: string): Promise<boolean> {
    return this.#blobs.has(sha256);
  }

  isWhole(sha256: string): Promise<boolean> {
    return this.has(sha256);
  }

  async list(): Promise<readonly BlobInfo[]> {
    const infos = [...this.#blobs].map(([sha256, { length }]) => ({ sha256, bytes: length }));
    return infos.sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
  }

  async part(sha256: string, from: number, bytesMax: number): Promise<BlobPart> {
    const blob = this.#find(sha256);
    return { bytes: blob.length, part: blob.subarray(from, from + bytesMax) };
  }

  async draft(bytes: number): Promise<BlobDraft> {
    checkBlobSize(bytes, this.#bytesMax);
    const chunks: Uint8Array[] = [];
    const hash = createHash("sha256");
    return {
      append: async (chunk) => {
        chunks.push(Buffer.from(chunk));
        hash.update(chunk);
      },
      finish: async (sha256) => {
        const found = hash.digest("hex");
        if (found !== sha256) throw blobCorrupt(sha256, { found });
        if (!this.#blobs.has(sha256)) this.#keep(sha256, Buffer.concat(chunks));
      },
      discard: async () => {
        chunks.length = 0;
      },
    };
  }

  #find(sha256: string): Buffer {
    const blob = this.#blobs.get(sha256);
    if (blob === undefined) throw blobNotFound(sha256);
    return blob;
  }

  #keep(sha256: string, blob: Buffer): void {
    this.#blobs.set(sha256, blob);
    this.#bytes += blob.length;
    for (const [oldest, { length }] of this.#blobs) {
      if (this.#bytes <= this.#bytesMax) return;
      this.#blobs.delete(oldest);
      this.#bytes -= length;
    }
  }
}
