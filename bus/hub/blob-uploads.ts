import { FedbusError } from "../../schemas/errors.js";
import { checkBlobSize, isBlobName } from "../blobs/blob-checks.js";
import { type BlobStorage, blobBytesMax } from "../blobs/blob-store.js";
import { blobChunkBytesMax } from "../wire/limits.js";
import { type Chunk, type Received, Upload } from "./upload.js";

/** Blobs that are coming in at once, over all clients: past it, HUB_BUSY. */
const uploadsMaxDefault = 32;
/** Bytes that all of them will have: past it, HUB_BUSY. */
const uploadBytesMax = 2 * blobBytesMax;
/** One that nothing has come of for this long is given up. */
const idleMsDefault = 60_000;

export interface UploadOptions {
  readonly uploadsMax?: number;
  readonly idleMs?: number;
}

/**
 * Blobs on their way into a hub's log, piece by piece. Pieces go to the disk as they come, so what a hub
 * holds in memory is the requests it works on. A piece that does not join on changes nothing, and the
 * answer says where to go on: a client that has lost an answer, or its hub, just sends again.
 */
export class BlobUploads {
  readonly #storage: BlobStorage;
  readonly #uploadsMax: number;
  readonly #idleMs: number;
  readonly #uploads = new Map<string, Upload>();

  constructor(storage: BlobStorage, options: UploadOptions = {}) {
    this.#storage = storage;
    this.#uploadsMax = options.uploadsMax ?? uploadsMaxDefault;
    this.#idleMs = options.idleMs ?? idleMsDefault;
  }

  /** Rejects with BLOB_TOO_LARGE, BLOB_CORRUPT, HUB_BUSY, PROTOCOL_INVALID, and what the storage says. */
  async take(chunk: Chunk): Promise<Received> {
    checkChunk(chunk);
    if (!this.#uploads.has(chunk.upload)) {
      // Its last answer may have been lost; or somebody has put the same.
      if (await this.#storage.isWhole(chunk.sha256)) return { received: chunk.bytes, done: true };
      if (chunk.at > 0) return { received: 0, done: false };
    }
    const upload = this.#uploads.get(chunk.upload) ?? (await this.#begin(chunk));
    try {
      const received = await upload.take(chunk);
      if (received.done) this.#uploads.delete(chunk.upload);
      return received;
    } catch (error) {
      await this.#drop(chunk.upload, upload);
      throw error;
    }
  }

  async #begin({ upload: name, sha256, bytes }: Chunk): Promise<Upload> {
    const now = performance.now();
    for (const [name, upload] of this.#uploads)
      if (now - upload.touchedAt >= this.#idleMs) await this.#drop(name, upload);
    const waiting = [...this.#uploads.values()].reduce((sum, upload) => sum + upload.bytes, bytes);
    if (this.#uploads.size >= this.#uploadsMax || waiting > uploadBytesMax)
      throw new FedbusError("HUB_BUSY", "too many blobs are coming in at once");
    // What came meanwhile under that name is the same upload.
    const upload = this.#uploads.get(name) ?? new Upload(this.#storage, { sha256, bytes });
    this.#uploads.set(name, upload);
    return upload;
  }

  async #drop(name: string, upload: Upload): Promise<void> {
    if (this.#uploads.get(name) === upload) this.#uploads.delete(name);
    await upload.discard();
  }
}

function checkChunk({ upload, sha256, bytes, at, part }: Chunk): void {
  checkBlobSize(bytes);
  const problem =
    (!isBlobName(sha256) && "`params.sha256` must be 64 hexadecimal digits, in lower case") ||
    ((upload === "" || upload.length > 128) && "`params.upload` has 1 to 128 characters") ||
    (part.length > blobChunkBytesMax && `a piece has at most ${blobChunkBytesMax} bytes`) ||
    (at + part.length > bytes && "the piece goes past the end of its blob");
  if (problem !== false) throw new FedbusError("PROTOCOL_INVALID", problem);
}
