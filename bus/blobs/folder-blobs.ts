import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, readFile, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FedbusError } from "../../schemas/errors.js";
import { syncDirectory } from "../storage/durable-file.js";
import { blobNotFound, checkBlobSize, checkedBlob, isBlobName, sha256Of } from "./blob-checks.js";
import type { BlobDraft, BlobInfo, BlobPart, BlobStorage } from "./blob-store.js";
import { FileDraft, leftoverOf } from "./file-draft.js";

export interface FolderBlobsOptions {
  /** Rejects with LOG_DISK_LOW if the disk has no room for so many bytes. Default: never does. */
  readonly checkRoom?: (bytes: number) => Promise<void>;
}

/**
 * Blobs as files of a folder, each named by its SHA-256. A blob is written aside, fsynced and renamed, so that
 * a file with such a name is whole after any crash. One process at a time: what lies aside when the
 * folder is opened is left over from a crash, and is removed.
 */
export class FolderBlobs implements BlobStorage {
  readonly #dir: string;
  readonly #checkRoom: (bytes: number) => Promise<void>;
  readonly #drafts = new Set<FileDraft>();
  #closed: Promise<void> | undefined;

  private constructor(dir: string, options: FolderBlobsOptions) {
    this.#dir = dir;
    this.#checkRoom = options.checkRoom ?? (async () => {});
  }

  /** The folder is made by the first blob. */
  static async open(dir: string, options: FolderBlobsOptions = {}): Promise<FolderBlobs> {
    const names = await readdir(dir).catch(absent);
    for (const name of names ?? []) if (leftoverOf(name)) await rm(join(dir, name));
    return new FolderBlobs(dir, options);
  }

  async put(bytes: Uint8Array): Promise<string> {
    checkBlobSize(bytes.length);
    // The caller may change its bytes while they are written.
    const blob = Buffer.from(bytes);
    const sha256 = sha256Of(blob);
    if (await this.isWhole(sha256)) {
      // Whoever has just renamed it may not have come to this yet.
      await syncDirectory(this.#dir);
      return sha256;
    }
    const draft = await this.draft(blob.length);
    try {
      await draft.append(blob);
      await draft.finish(sha256);
      return sha256;
    } finally {
      await draft.discard();
    }
  }

  async get(sha256: string): Promise<Buffer> {
    const bytes = isBlobName(sha256) ? await readFile(this.#path(sha256)).catch(absent) : undefined;
    if (bytes === undefined) throw blobNotFound(sha256);
    return checkedBlob(sha256, bytes);
  }

  async has(sha256: string): Promise<boolean> {
    return (await this.#bytesOf(sha256)) !== undefined;
  }

  async isWhole(sha256: string): Promise<boolean> {
    if (!(await this.has(sha256))) return false;
    const hash = createHash("sha256");
    for await (const chunk of createReadStream(this.#path(sha256))) hash.update(chunk as Buffer);
    return hash.digest("hex") === sha256;
  }

  async list(): Promise<readonly BlobInfo[]> {
    const names = (await readdir(this.#dir).catch(absent)) ?? [];
    const infos: BlobInfo[] = [];
    for (const sha256 of names.sort()) {
      const bytes = await this.#bytesOf(sha256);
      if (bytes !== undefined) infos.push({ sha256, bytes });
    }
    return infos;
  }

  async part(sha256: string, from: number, bytesMax: number): Promise<BlobPart> {
    const bytes = await this.#bytesOf(sha256);
    if (bytes === undefined) throw blobNotFound(sha256);
    const part = Buffer.alloc(Math.max(0, Math.min(bytesMax, bytes - from)));
    const file = await open(this.#path(sha256), "r");
    try {
      const { bytesRead } = await file.read(part, 0, part.length, from);
      return { bytes, part: part.subarray(0, bytesRead) };
    } finally {
      await file.close();
    }
  }

  async draft(bytes: number): Promise<BlobDraft> {
    checkBlobSize(bytes);
    if (this.#closed !== undefined) throw new FedbusError("CLOSED", "the blobs are closed");
    await this.#checkRoom(bytes);
    await this.#makeFolder();
    const draft = await FileDraft.create(this.#dir, () => this.#drafts.delete(draft));
    this.#drafts.add(draft);
    return draft;
  }

  /** Gives up what has come in part. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#discardAll();
    return this.#closed;
  }

  async #discardAll(): Promise<void> {
    await Promise.all([...this.#drafts].map((draft) => draft.discard()));
  }

  async #makeFolder(): Promise<void> {
    const made = await mkdir(this.#dir, { recursive: true });
    if (made !== undefined) await syncDirectory(dirname(this.#dir));
  }

  async #bytesOf(sha256: string): Promise<number | undefined> {
    if (!isBlobName(sha256)) return undefined;
    const found = await stat(this.#path(sha256)).catch(absent);
    return found?.isFile() === true ? found.size : undefined;
  }

  #path(sha256: string): string {
    return join(this.#dir, sha256);
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT") return undefined;
  throw error;
}
